#include "opaque/messages.h"

#include <catch2/catch_test_macros.hpp>
#include <string_view>
#include <type_traits>
#include <vector>

#include "opaque/testing.h"
#include "support/seeded_random.h"

namespace qpq::opaque {
namespace {

using test::SeededRandom;

template <class T, class W>
concept WritableTo = requires(W& out, const T& value) { Codec<T>::write(out, value); };

// A record holds a key: its encoding cannot land in memory that is not wiped.
static_assert(WritableTo<RegistrationRecord, SecretWriter> && !WritableTo<RegistrationRecord, Writer>);
static_assert(WritableTo<Ke1, Writer>);
static_assert(!std::is_copy_constructible_v<RegistrationRecord>);

Element element(uint64_t seed) {
  SeededRandom random(seed);
  return {crypto::multiplyBase(crypto::randomScalar(random))};
}

template <std::size_t N>
ByteArray<N> filled(uint8_t byte) {
  ByteArray<N> bytes;
  bytes.fill(byte);
  return bytes;
}

RegistrationRecord sampleRecord() {
  return {.clientPublicKey = element(1),
          .maskingKey = Key(std::span<const uint8_t, 64>(filled<64>(2))),
          .envelope = {.nonce = filled<32>(3), .authTag = filled<64>(4)}};
}

Ke1 sampleKe1() {
  return {.credentialRequest = {element(1)},
          .authRequest = {.clientNonce = filled<32>(2), .clientPublicKeyshare = element(3)}};
}

Ke2 sampleKe2() {
  return {
      .credentialResponse = {.evaluatedMessage = element(1),
                             .maskingNonce = filled<32>(2),
                             .maskedResponse = filled<128>(3)},
      .authResponse = {.serverNonce = filled<32>(4), .serverPublicKeyshare = element(5), .serverMac = filled<64>(6)}};
}

// Every other size and every impossible element at the given offsets is refused.
template <class T>
void refusesOthers(const Bytes& bytes, const std::vector<std::size_t>& elementOffsets) {
  REQUIRE(decode<T>(bytes).has_value());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(decode<T>(ByteView(bytes).first(size)).error().code == DecodeError::Code::truncated);
  }
  for (std::size_t extra : {std::size_t{1}, bytes.size(), std::size_t{1} << 20}) {
    Bytes longer = bytes;
    longer.resize(bytes.size() + extra);
    CHECK(decode<T>(longer).error() == DecodeError{DecodeError::Code::trailingBytes, bytes.size()});
  }
  for (std::size_t offset : elementOffsets) {
    for (auto [what, hex] : testing::kBadElements) {
      INFO(what << " at " << offset);
      Bytes changed = bytes;
      std::ranges::copy(*fromHex(hex), changed.begin() + static_cast<std::ptrdiff_t>(offset));
      CHECK(decode<T>(changed).error() == DecodeError{DecodeError::Code::invalid, offset});
    }
  }
}

template <class T>
void roundTrips(const T& message, std::size_t size, const std::vector<std::size_t>& elementOffsets) {
  Bytes bytes = encode(message);
  CHECK(bytes.size() == size);
  CHECK(decode<T>(bytes) == message);
  refusesOthers<T>(bytes, elementOffsets);
}

TEST_CASE("each message has its one size, and elements at their places") {
  roundTrips(RegistrationRequest{element(1)}, kRegistrationRequestSize, {0});
  roundTrips(RegistrationResponse{element(1), element(2)}, kRegistrationResponseSize, {0, 32});
  roundTrips(sampleKe1(), kKe1Size, {0, 64});
  roundTrips(sampleKe2(), kKe2Size, {0, 224});
  roundTrips(Ke3{filled<64>(1)}, kKe3Size, {});
}

TEST_CASE("a record has its one size, and refuses a client key that is none") {
  SecretBytes bytes = encodeSecret(sampleRecord());
  CHECK(bytes.size() == kRegistrationRecordSize);
  auto record = decode<RegistrationRecord>(bytes.expose());
  REQUIRE(record.has_value());
  CHECK(equal(encodeSecret(*record).expose(), bytes.expose()));
  refusesOthers<RegistrationRecord>(toBytes(bytes.expose()), {0});
}

TEST_CASE("the fields stand in the order of RFC 9807 §5.1 and §6.1") {
  CHECK(toHex(encode(sampleKe1())) == toHex(element(1).bytes) + toHex(filled<32>(2)) + toHex(element(3).bytes));
  CHECK(toHex(encode(sampleKe2())) == toHex(element(1).bytes) + toHex(filled<32>(2)) + toHex(filled<128>(3)) +
                                          toHex(filled<32>(4)) + toHex(element(5).bytes) + toHex(filled<64>(6)));
  CHECK(toHex(encodeSecret(sampleRecord()).expose()) ==
        toHex(element(1).bytes) + toHex(filled<64>(2)) + toHex(filled<32>(3)) + toHex(filled<64>(4)));
}

}  // namespace
}  // namespace qpq::opaque
