#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "quic/receive_buffer.h"
#include "quic/send_buffer.h"
#include "support/seeded_random.h"

namespace qpq::quic {
namespace {

Bytes gathered(const SendBuffer& buffer, std::size_t piecesMax = 64) {
  std::vector<ngtcp2_vec> pieces(piecesMax);
  std::size_t total = 0;
  std::size_t count = buffer.gather(pieces, total);
  Bytes bytes;
  for (std::size_t i = 0; i < count; ++i) bytes.insert(bytes.end(), pieces[i].base, pieces[i].base + pieces[i].len);
  REQUIRE(bytes.size() == total);
  return bytes;
}

TEST_CASE("a send buffer makes room by acknowledgement only") {
  SendBuffer buffer;
  buffer.append(asBytes("0123456789"));
  buffer.markSent(10);
  CHECK(buffer.unsent() == 0);
  CHECK(buffer.retained() == 10);
  buffer.acknowledge(4);
  CHECK(buffer.retained() == 6);
  buffer.append(asBytes("abcd"));
  CHECK(buffer.retained() == 10);
  CHECK(asText(gathered(buffer)) == "abcd");
}

TEST_CASE("what was sent does not move while more is written") {
  SendBuffer buffer;
  Bytes first(5000, 1);
  buffer.append(first);
  std::vector<ngtcp2_vec> before(4);
  std::size_t total = 0;
  auto count = buffer.gather(before, total);
  REQUIRE(count == 1);
  buffer.markSent(total);
  for (int i = 0; i < 1000; ++i) buffer.append(asBytes("more"));
  CHECK(std::equal(first.begin(), first.end(), before[0].base));
}

TEST_CASE("any mixture of writing, sending and acknowledging keeps the bytes in order") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    qpq::test::SeededRandom random(seed);
    SendBuffer buffer;
    Bytes all, sent;
    uint64_t acknowledged = 0;
    for (int step = 0; step < 2000; ++step) {
      Bytes piece(random.below(3000));
      random.fill(piece);
      buffer.append(piece);
      all.insert(all.end(), piece.begin(), piece.end());
      Bytes waiting = gathered(buffer, 1 + random.below(4));
      auto now = static_cast<std::ptrdiff_t>(random.below(waiting.size() + 1));
      sent.insert(sent.end(), waiting.begin(), waiting.begin() + now);
      buffer.markSent(static_cast<std::size_t>(now));
      acknowledged += random.below(sent.size() - acknowledged + 1);
      buffer.acknowledge(acknowledged);
      REQUIRE(buffer.retained() == all.size() - acknowledged);
    }
    CHECK(std::equal(sent.begin(), sent.end(), all.begin()));
  }
}

TEST_CASE("an acknowledgement of what was never sent frees only what was") {
  SendBuffer buffer;
  buffer.append(asBytes("0123456789"));
  buffer.markSent(5);
  buffer.acknowledge(1000);
  CHECK(buffer.retained() == 5);
  CHECK(asText(gathered(buffer)) == "56789");
}

TEST_CASE("a receive buffer gives back what it was given, however it is cut") {
  qpq::test::SeededRandom random(1);
  ReceiveBuffer buffer;
  Bytes in, out;
  for (int step = 0; step < 5000; ++step) {
    Bytes piece(random.below(4000));
    random.fill(piece);
    buffer.append(piece);
    in.insert(in.end(), piece.begin(), piece.end());
    Bytes taken(random.below(5000));
    taken.resize(buffer.take(taken));
    out.insert(out.end(), taken.begin(), taken.end());
    REQUIRE(buffer.size() == in.size() - out.size());
  }
  CHECK(std::equal(out.begin(), out.end(), in.begin()));
  auto left = buffer.size();
  CHECK(buffer.clear() == left);
  CHECK(buffer.size() == 0);
}

}  // namespace
}  // namespace qpq::quic
