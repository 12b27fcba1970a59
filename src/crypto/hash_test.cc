#include "crypto/hash.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

struct Answer {
  HashId id;
  std::string_view message;
  std::string_view digest;
};

// FIPS 180-4 and FIPS 202, examples of the NIST.
constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr Answer kAnswers[] = {
    {HashId::sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {HashId::sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HashId::sha256, kTwoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {HashId::sha384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {HashId::sha384, kTwoBlocks,
     "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b"},
    {HashId::sha512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {HashId::sha512, "",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {HashId::sha3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
    {HashId::sha3_256, "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {HashId::sha3_256, kTwoBlocks, "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376"},
};

TEST_CASE("SHA-2 and SHA-3 give the digests of FIPS 180-4 and FIPS 202") {
  for (const Answer& answer : kAnswers) {
    INFO(answer.message);
    CHECK(toHex(hash(answer.id, asBytes(answer.message))) == answer.digest);
    Hasher hasher(answer.id);
    for (char letter : answer.message) hasher.update(asBytes({&letter, 1}));
    CHECK(toHex(std::move(hasher).finish()) == answer.digest);
  }
  CHECK(toHex(sha256(asBytes("abc"))) == kAnswers[1].digest);
}

TEST_CASE("a million letters hash to the value of FIPS 180-4") {
  Bytes letters(1'000'000, uint8_t{'a'});
  CHECK(toHex(hash(HashId::sha256, letters)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(toHex(hash(HashId::sha3_256, letters)) == "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1");
}

TEST_CASE("SHAKE256 gives as many bytes as are asked for") {
  Bytes out(64);
  shake256({}, out);
  CHECK(toHex(out) ==
        "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"
        "d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be");
  Bytes shorter(5);
  shake256({}, shorter);
  CHECK(toHex(shorter) == "46b9dd2b0b");
  Bytes longer(512);
  shake256({Bytes(200, uint8_t{0xa3})}, longer);
  CHECK(toHex(ByteView(longer).last(32)) == "6a1a9d7846436e4dca5728b6f760eef0ca92bf0be5615e96959d767197a0beeb");
}

TEST_CASE("where the input is cut into parts does not change its hash") {
  test::SeededRandom random(1);
  auto input = random.bytes<300>();
  ByteView all(input);
  for (HashId id : kHashIds) {
    Bytes whole = hash(id, all);
    for (std::size_t cut = 0; cut <= all.size(); cut += 7) {
      CHECK(hash(id, {all.first(cut), {}, all.subspan(cut)}) == whole);
      Hasher hasher(id);
      hasher.update(all.first(cut));
      Hasher moved = std::move(hasher);
      moved.update(all.subspan(cut));
      CHECK(std::move(moved).finish() == whole);
    }
  }
  CHECK(toBytes(sha256({all.first(9), all.subspan(9)})) == hash(HashId::sha256, all));
}

TEST_CASE("hashes of different kinds can be in progress at once") {
  Hasher outer(HashId::sha256);
  outer.update(asBytes("a"));
  Hasher other(HashId::sha256);
  other.update(asBytes("something else"));
  (void)sha256(asBytes("a third"));
  outer.update(asBytes("bc"));
  CHECK(toHex(std::move(outer).finish()) == kAnswers[1].digest);
}

TEST_CASE("a hash may be written over its own input") {
  Hash32 value = sha256(asBytes("abc"));
  Hash32 expected = sha256(value);
  hashInto(HashId::sha256, {value}, value);
  CHECK(value == expected);
}

}  // namespace
}  // namespace qpq::crypto
