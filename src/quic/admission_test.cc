#include "quic/admission.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <vector>

#include "quic/known_addresses.h"
#include "quic/rate_limit.h"
#include "support/seeded_random.h"

namespace qpq::quic {
namespace {

using Verdict = Admission::Verdict;
using Proven = Admission::Proven;

kj::TimePoint at(int64_t ms) { return kj::origin<kj::TimePoint>() + ms * kj::MILLISECONDS; }

SocketAddress v6(uint8_t block, uint8_t host) {
  ByteArray<16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, block, 0, 0, 0, 0, 0, 0, 0, host};
  return SocketAddress::ipv6(bytes, 7000);
}

struct Judge: Admission {
  explicit Judge(const Limits& limits): Judge(limits, std::make_unique<qpq::test::SeededRandom>(1)) {}
  Judge(const Limits& limits, std::unique_ptr<qpq::test::SeededRandom> random): Admission(limits, *random) {}
  Verdict judge(const SocketAddress& client, Proven proven, int64_t ms = 1000) {
    return Admission::judge(client, proven, at(ms));
  }
};

TEST_CASE("an address with many handshakes in progress must prove itself; a proven one is let in") {
  Limits limits;
  limits.halfOpenPerAddressMax = 2;
  Judge admission(limits);
  auto client = SocketAddress::ipv4({192, 0, 2, 1}, 1000);
  std::vector<std::unique_ptr<Admission::Place>> places;
  for (int i = 0; i < 2; ++i) {
    CHECK(admission.judge(client, Proven::no) == Verdict::accept);
    places.push_back(std::make_unique<Admission::Place>(admission, client));
  }
  CHECK(admission.judge(client, Proven::no) == Verdict::retry);
  CHECK(admission.judge(client.withPort(2000), Proven::no) == Verdict::retry);
  CHECK(admission.judge(client, Proven::yes) == Verdict::accept);
  CHECK(admission.judge(SocketAddress::ipv4({192, 0, 2, 2}, 1000), Proven::no) == Verdict::accept);
  places[0]->handshakeDone();
  CHECK(admission.judge(client, Proven::no) == Verdict::accept);
}

TEST_CASE("the /64 of an IPv6 address counts as one") {
  Limits limits;
  limits.connectionsPerAddressMax = 1;
  Judge admission(limits);
  Admission::Place place(admission, v6(1, 1));
  CHECK(admission.judge(v6(1, 2), Proven::yes) == Verdict::refuse);
  CHECK(admission.judge(v6(1, 2), Proven::no) == Verdict::retry);
  CHECK(admission.judge(v6(2, 1), Proven::yes) == Verdict::accept);
}

TEST_CASE("totals are kept at, not above, their limits, and nothing is remembered of those who left") {
  Limits limits;
  limits.connectionsMax = 3;
  limits.halfOpenMax = 2;
  Judge admission(limits);
  std::vector<std::unique_ptr<Admission::Place>> places;
  auto client = [](uint8_t n) { return SocketAddress::ipv4({192, 0, 2, n}, 1000); };
  places.push_back(std::make_unique<Admission::Place>(admission, client(1)));
  CHECK(admission.judge(client(2), Proven::yes) == Verdict::accept);
  places.push_back(std::make_unique<Admission::Place>(admission, client(2)));
  CHECK(admission.judge(client(3), Proven::yes) == Verdict::ignore);
  places[0]->handshakeDone();
  places[1]->handshakeDone();
  places.push_back(std::make_unique<Admission::Place>(admission, client(3)));
  CHECK(admission.connections() == 3);
  CHECK(admission.judge(client(4), Proven::yes) == Verdict::ignore);
  places.clear();
  CHECK(admission.connections() == 0);
  CHECK(admission.halfOpen() == 0);
  CHECK(admission.addresses() == 0);
}

TEST_CASE("an address that begins handshakes without end must prove itself, and then is ignored; others are not") {
  Limits limits;
  limits.handshakeBurstPerAddress = 10;
  limits.handshakesPerAddressPerMinute = 60;
  Judge admission(limits);
  auto flooder = SocketAddress::ipv4({192, 0, 2, 1}, 1000);
  auto other = SocketAddress::ipv4({192, 0, 2, 2}, 1000);
  for (int i = 0; i < 10; ++i) CHECK(admission.judge(flooder, Proven::no) == Verdict::accept);
  CHECK(admission.judge(flooder, Proven::no) == Verdict::retry);
  for (int i = 0; i < 10; ++i) CHECK(admission.judge(flooder, Proven::yes) == Verdict::accept);
  CHECK(admission.judge(flooder, Proven::yes) == Verdict::ignore);
  CHECK(admission.judge(other, Proven::no) == Verdict::accept);
  CHECK(admission.judge(other, Proven::yes) == Verdict::accept);
  CHECK(admission.judge(flooder, Proven::yes, 2000) == Verdict::accept);
  CHECK(admission.judge(flooder, Proven::yes, 2000) == Verdict::ignore);
}

TEST_CASE("a rate limit gives its burst at once and then its rate, and never more than the burst") {
  RateLimit limit(3, 60);
  for (int i = 0; i < 3; ++i) CHECK(limit.take(at(1000)));
  CHECK_FALSE(limit.take(at(1000)));
  CHECK_FALSE(limit.take(at(1999)));
  CHECK(limit.take(at(2000)));
  CHECK_FALSE(limit.take(at(2500)));
  for (int i = 0; i < 3; ++i) CHECK(limit.take(at(10'000'000)));
  CHECK_FALSE(limit.take(at(10'000'000)));
}

TEST_CASE("going back and forth between known addresses costs nothing") {
  auto client = [](uint16_t port) { return SocketAddress::loopback(port); };
  KnownAddresses known(client(1), RateLimit(1, 0));
  for (int i = 0; i < 100; ++i) {
    CHECK(known.follow(client(1), at(i)));
    CHECK(known.follow(client(2), at(i)));
  }
  CHECK_FALSE(known.follow(client(3), at(200)));
  CHECK(known.follow(client(2), at(201)));
}

}  // namespace
}  // namespace qpq::quic
