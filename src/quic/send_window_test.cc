#include "quic/send_window.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

namespace qpq::quic {
namespace {

constexpr uint64_t kMs = 1'000'000;
constexpr std::size_t kMin = 64 * 1024, kMax = 1024 * 1024;

enum class Writer : bool { idle, waits };

// As much is acknowledged as the window is measured by.
void round(SendWindow& window, RoundTrip roundTrip, Writer writer = Writer::waits) {
  for (std::size_t left = window.size() / 2; left > 0;) {
    std::size_t packet = left < 1200 ? left : 1200;
    window.acknowledged(packet, roundTrip, writer == Writer::waits);
    left -= packet;
  }
}

TEST_CASE("a send window doubles in a round trip while the path has no queue, up to its largest") {
  SendWindow window(kMin, kMax);
  RoundTrip empty{.newestNs = 1 * kMs, .shortestNs = 1 * kMs};
  for (std::size_t expected = kMin; expected < kMax; expected *= 2) {
    CHECK(window.size() == expected);
    round(window, empty);
  }
  round(window, empty);
  CHECK(window.size() == kMax);
}

TEST_CASE("a send window that nobody fills stays as it is") {
  SendWindow window(kMin, kMax);
  round(window, {.newestNs = 1 * kMs, .shortestNs = 1 * kMs}, Writer::idle);
  CHECK(window.size() == kMin);
}

TEST_CASE("a send window settles where its own bytes delay others by no more than its measure") {
  // A line of 10 bytes per us with a round trip of 40 ms.
  SendWindow window(kMin, kMax);
  for (int i = 0; i < 50; ++i) {
    uint64_t drainNs = window.size() * 100;
    round(window, {.newestNs = std::max(40 * kMs, drainNs), .shortestNs = 40 * kMs});
  }
  uint64_t queueNs = window.size() * 100 - 40 * kMs;
  CHECK(queueNs > SendWindow::kQueueNs * 9 / 10);
  CHECK(queueNs <= SendWindow::kQueueNs);
}

TEST_CASE("a send window shrinks when round trips become long, filled or not, and not below its least") {
  SendWindow window(kMin, kMax);
  for (int i = 0; i < 5; ++i) round(window, {.newestNs = 1 * kMs, .shortestNs = 1 * kMs});
  round(window, {.newestNs = 60 * kMs, .shortestNs = 40 * kMs}, Writer::idle);
  CHECK(window.size() == kMax * 3 / 4);
  for (int i = 0; i < 50; ++i) round(window, {.newestNs = 500 * kMs, .shortestNs = 40 * kMs});
  CHECK(window.size() == kMin);
}

TEST_CASE("one late packet in a round trip is no queue") {
  SendWindow window(kMin, kMax);
  window.acknowledged(1200, {.newestNs = 900 * kMs, .shortestNs = 40 * kMs}, true);
  window.acknowledged(kMin - 1200, {.newestNs = 40 * kMs, .shortestNs = 40 * kMs}, true);
  CHECK(window.size() > kMin);
}

TEST_CASE("each stream has the least to itself, whatever the others hold") {
  SendWindow window(kMin, kMax);
  CHECK(window.room(0) == kMin);
  window.took(kMin);
  CHECK(window.room(kMin) == 0);
  CHECK(window.room(0) == kMin);
  window.took(1000);
  CHECK(window.room(1000) == kMin - 1000);
  window.gaveBack(kMin);
  CHECK(window.room(0) == kMin);
  CHECK(window.held() == 1000);
}

TEST_CASE("what was sent before a change says nothing of it") {
  SendWindow window(kMin, kMax);
  window.took(kMin);
  round(window, {.newestNs = 40 * kMs, .shortestNs = 40 * kMs});
  REQUIRE(window.size() == 2 * kMin);
  window.acknowledged(kMin, {.newestNs = 40 * kMs, .shortestNs = 40 * kMs}, true);
  CHECK(window.size() == 2 * kMin);
  round(window, {.newestNs = 90 * kMs, .shortestNs = 40 * kMs});
  CHECK(window.size() == kMin);
}

TEST_CASE("a clock too coarse to measure a round trip is no division by nothing") {
  SendWindow window(kMin, kMax);
  round(window, {.newestNs = 0, .shortestNs = 0});
  CHECK(window.size() == 2 * kMin);
}

}  // namespace
}  // namespace qpq::quic
