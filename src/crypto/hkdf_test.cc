#include "crypto/hkdf.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

std::string hmacHex(HashId id, ByteView key, std::string_view message) {
  return toHex(hmac(id, key, {asBytes(message)}).expose());
}

TEST_CASE("HMAC gives the values of RFC 4231") {
  // §4.2, §4.3
  CHECK(hmacHex(HashId::sha256, Bytes(20, uint8_t{0x0b}), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmacHex(HashId::sha384, Bytes(20, uint8_t{0x0b}), "Hi There") ==
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
  CHECK(hmacHex(HashId::sha512, asBytes("Jefe"), "what do ya want for nothing?") ==
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  // §4.7: the key is longer than the block of each of them, so it is hashed first
  constexpr std::string_view kLong = "Test Using Larger Than Block-Size Key - Hash Key First";
  const Bytes longKey(131, uint8_t{0xaa});
  CHECK(hmacHex(HashId::sha256, longKey, kLong) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hmacHex(HashId::sha384, longKey, kLong) ==
        "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952");
  CHECK(hmacHex(HashId::sha512, longKey, kLong) ==
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
  // SHA-3 has a larger block (FIPS 202 §7): the same inputs, value of Python's hmac
  CHECK(hmacHex(HashId::sha3_256, longKey, kLong) ==
        "ed73a374b96c005235f948032f09674a58c0ce555cfc1f223b02356560312c3b");
}

TEST_CASE("a key at the edge of the block is used as it is, one byte longer is hashed") {
  for (HashId id : {HashId::sha256, HashId::sha384, HashId::sha512}) {
    const std::size_t block = id == HashId::sha256 ? 64 : 128;
    Bytes atEdge(block, uint8_t{7});
    Bytes padded(block - 1, uint8_t{7});
    Bytes zeroPadded = concat({padded, ByteArray<1>{0}});
    CHECK(hmacHex(id, padded, "m") == hmacHex(id, zeroPadded, "m"));
    CHECK(hmacHex(id, atEdge, "m") != hmacHex(id, hash(id, atEdge), "m"));
    Bytes above(block + 1, uint8_t{7});
    CHECK(hmacHex(id, above, "m") == hmacHex(id, hash(id, above), "m"));
  }
}

TEST_CASE("HMAC takes its message in parts and may be written over its key") {
  SecretBytes whole = hmac(HashId::sha256, asBytes("key"), {asBytes("message in parts")});
  SecretBytes parts = hmac(HashId::sha256, asBytes("key"), {asBytes("message"), {}, asBytes(" in parts")});
  CHECK(equal(whole.expose(), parts.expose()));
  Bytes key(32, uint8_t{1});
  SecretBytes expected = hmac(HashId::sha256, key, {asBytes("m")});
  hmac(HashId::sha256, key, {asBytes("m")}, key);
  CHECK(equal(key, expected.expose()));
}

TEST_CASE("HKDF gives the values of RFC 5869") {
  // A.1
  SecretBytes prk = hkdfExtract(HashId::sha256, hex("000102030405060708090a0b0c"), Bytes(22, uint8_t{0x0b}));
  CHECK(toHex(prk.expose()) == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  CHECK(toHex(hkdfExpand(HashId::sha256, prk.expose(), hex("f0f1f2f3f4f5f6f7f8f9"), 42)->expose()) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  // A.3: no salt, no info
  prk = hkdfExtract(HashId::sha256, {}, Bytes(22, uint8_t{0x0b}));
  CHECK(toHex(prk.expose()) == "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  CHECK(toHex(hkdfExpand(HashId::sha256, prk.expose(), {}, 42)->expose()) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("HKDF-Expand ends at 255 blocks and a shorter output begins a longer one") {
  for (HashId id : kHashIds) {
    const std::size_t most = 255 * hashSize(id);
    SecretBytes longest = hkdfExpand(id, asBytes("prk"), asBytes("info"), most).value();
    CHECK(longest.size() == most);
    for (std::size_t length : {std::size_t{0}, std::size_t{1}, hashSize(id) - 1, hashSize(id), hashSize(id) + 1}) {
      SecretBytes shorter = hkdfExpand(id, asBytes("prk"), asBytes("info"), length).value();
      CHECK(equal(shorter.expose(), longest.expose().first(length)));
    }
    CHECK(hkdfExpand(id, asBytes("prk"), {}, most + 1).error() == CryptoError::badLength);
    CHECK(hkdfExpand(id, asBytes("prk"), {}, std::size_t(-1)).error() == CryptoError::badLength);
  }
}

void checkWycheproof(HashId id, std::string_view name) {
  auto file = test::VectorFile::open(name);
  if (!file) return;
  for (const test::Json& group : file->json()["testGroups"].items()) {
    for (const test::Json& c : group["tests"].items()) {
      INFO("tcId " << c["tcId"].number());
      SecretBytes prk = hkdfExtract(id, c["salt"].hex(), c["ikm"].hex());
      auto okm = hkdfExpand(id, prk.expose(), c["info"].hex(), c["size"].number());
      if (c["result"].string() == "valid") {
        REQUIRE(okm.has_value());
        CHECK(equal(okm->expose(), c["okm"].hex()));
      } else {
        REQUIRE(!okm.has_value());
        CHECK(okm.error() == CryptoError::badLength);
      }
      file->verified();
    }
  }
}

TEST_CASE("HKDF agrees with Wycheproof") {
  checkWycheproof(HashId::sha256, "wycheproof/hkdf_sha256_test.json");
  checkWycheproof(HashId::sha512, "wycheproof/hkdf_sha512_test.json");
}

}  // namespace
}  // namespace qpq::crypto
