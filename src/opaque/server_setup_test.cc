#include "opaque/server_setup.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include "opaque/testing.h"
#include "support/seeded_random.h"

namespace qpq::opaque {
namespace {

using test::SeededRandom;

template <class W>
concept TakesSetup = requires(W& out, const ServerSetup& setup) { Codec<ServerSetup>::write(out, setup); };
static_assert(TakesSetup<SecretWriter> && !TakesSetup<Writer>);
static_assert(!std::is_copy_constructible_v<ServerSetup>);

ServerSetup setupOf(uint64_t seed) {
  SeededRandom random(seed);
  return ServerSetup::generate(random);
}

std::string hexOf(const RegistrationRecord& record) { return toHex(encodeSecret(record).expose()); }

TEST_CASE("a server's setup survives being stored") {
  ServerSetup setup = setupOf(1);
  SecretBytes stored = encodeSecret(setup);
  CHECK(stored.size() == kServerSetupSize);
  auto read = decode<ServerSetup>(stored.expose());
  REQUIRE(read.has_value());
  CHECK(read->staticKey.publicKey == setup.staticKey.publicKey);
  CHECK(equal(encodeSecret(*read).expose(), stored.expose()));
  CHECK(toHex(encodeSecret(setupOf(2)).expose()) != toHex(stored.expose()));
}

TEST_CASE("a stored setup of another size, or with a private key that is none, is refused") {
  Bytes stored = toBytes(encodeSecret(setupOf(1)).expose());
  for (std::size_t size = 0; size < stored.size(); ++size) {
    CHECK(decode<ServerSetup>(ByteView(stored).first(size)).error().code == DecodeError::Code::truncated);
  }
  Bytes longer = stored;
  longer.push_back(0);
  CHECK(decode<ServerSetup>(longer).error().code == DecodeError::Code::trailingBytes);
  for (std::string_view key : {"0000000000000000000000000000000000000000000000000000000000000000",
                               // the order of the group, RFC 9496 §4.4, and the greatest number of 32 bytes
                               "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
                               "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    Bytes changed = stored;
    std::ranges::copy(*fromHex(key), changed.begin() + 64);
    CHECK(decode<ServerSetup>(changed).error() == DecodeError{DecodeError::Code::invalid, 64});
  }
}

TEST_CASE("each credential has an OPRF key of its own, the same every time") {
  ServerSetup setup = setupOf(1);
  std::set<std::string> keys;
  for (std::string_view identifier : {"alice", "bob", "", "alice "}) {
    auto key = oprfKey(setup, asBytes(identifier));
    CHECK(toHex(key->expose()) == toHex(oprfKey(setup, asBytes(identifier))->expose()));
    keys.insert(toHex(key->expose()));
  }
  CHECK(keys.size() == 4);
  CHECK_FALSE(keys.contains(toHex(oprfKey(setupOf(2), asBytes("alice"))->expose())));
}

TEST_CASE("a fake record is a record, stable for an identifier and different for every other") {
  ServerSetup setup = setupOf(1);
  auto record = fakeRecord(setup, asBytes("nobody"));
  REQUIRE(record.has_value());
  CHECK(record->envelope == Envelope{});  // RFC 9807 §6.3.2.2
  CHECK(decode<RegistrationRecord>(encodeSecret(*record).expose()).has_value());
  CHECK(hexOf(*record) == hexOf(*fakeRecord(setup, asBytes("nobody"))));
  CHECK(hexOf(*record) == hexOf(*fakeRecord(*decode<ServerSetup>(encodeSecret(setup).expose()), asBytes("nobody"))));

  for (const RegistrationRecord& other :
       {*fakeRecord(setup, asBytes("nobody else")), *fakeRecord(setupOf(2), asBytes("nobody"))}) {
    CHECK(other.clientPublicKey != record->clientPublicKey);
    CHECK_FALSE(constantTimeEqual(other.maskingKey.expose(), record->maskingKey.expose()));
  }
}

TEST_CASE("a name without an account has an identifier that is stable and like no other") {
  ServerSetup setup = setupOf(1);
  auto identifier = identifierForUnknown(setup, asBytes("mallory"));
  CHECK(identifier == identifierForUnknown(setup, asBytes("mallory")));
  CHECK(identifier != identifierForUnknown(setup, asBytes("mallor")));
  CHECK(identifier != identifierForUnknown(setupOf(2), asBytes("mallory")));
}

}  // namespace
}  // namespace qpq::opaque
