#include "crypto/ecdsa.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

SecretBytes newKey(CurveId id, test::SeededRandom& random) {
  Bytes drawn(curveFieldSize(id) + kCurveExtraRandom);
  random.fill(drawn);
  return curvePrivateKeyFrom(id, drawn).value();
}

// DER of { r, s } for values whose first bit may be set.
Bytes der(const Bytes& r, const Bytes& s) {
  auto integer = [](Bytes value) {
    if (value[0] & 0x80) value.insert(value.begin(), 0);
    return concat({Bytes{0x02, static_cast<uint8_t>(value.size())}, value});
  };
  Bytes body = concat({integer(r), integer(s)});
  return concat({Bytes{0x30, static_cast<uint8_t>(body.size())}, body});
}

// RFC 6979 A.2.5 and A.2.6, message "sample".
TEST_CASE("signatures are those of RFC 6979: the nonce follows from key and message") {
  CHECK(ecdsaSign(CurveId::p256, hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
                  asBytes("sample"))
            .value() == der(hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"),
                            hex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")));
  CHECK(ecdsaSign(CurveId::p384,
                  hex("6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
                      "96D5724E4C70A825F872C9EA60D2EDF5"),
                  asBytes("sample"))
            .value() == der(hex("94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
                                "81A648152E44ACF96E36DD1E80FABE46"),
                            hex("99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
                                "A329C145786E679E7B82C71A38628AC8")));
}

TEST_CASE("a signature counts for its key and its message, and is the same every time") {
  test::SeededRandom random(1);
  for (CurveId id : kCurveIds) {
    INFO("curve " << static_cast<int>(id));
    SecretBytes key = newKey(id, random);
    Bytes publicKey = curvePublicKey(id, key.expose()).value();
    Bytes signature = ecdsaSign(id, key.expose(), asBytes("text")).value();
    CHECK(ecdsaSign(id, key.expose(), asBytes("text")) == signature);
    CHECK(ecdsaVerify(id, publicKey, asBytes("text"), signature).has_value());
    CHECK(ecdsaVerify(id, publicKey, asBytes("test"), signature).error() == CryptoError::badSignature);
    Bytes other = curvePublicKey(id, newKey(id, random).expose()).value();
    CHECK(ecdsaVerify(id, other, asBytes("text"), signature).error() == CryptoError::badSignature);
  }
}

TEST_CASE("no other bytes are taken for a signature: one DER encoding, nothing before, between or behind") {
  test::SeededRandom random(2);
  for (CurveId id : kCurveIds) {
    SecretBytes key = newKey(id, random);
    Bytes publicKey = curvePublicKey(id, key.expose()).value();
    Bytes signature = ecdsaSign(id, key.expose(), asBytes("text")).value();
    auto refused = [&](ByteView bytes) {
      auto verified = ecdsaVerify(id, publicKey, asBytes("text"), bytes);
      return !verified && verified.error() == CryptoError::badSignature;
    };
    for (std::size_t size = 0; size < signature.size(); ++size) CHECK(refused(ByteView(signature).first(size)));
    for (uint8_t extra : Bytes{0x00, 0x01, 0xff}) CHECK(refused(concat({signature, ByteView(&extra, 1)})));
    for (std::size_t i = 0; i < signature.size(); ++i) {
      Bytes changed = signature;
      changed[i] ^= 0x01;
      CHECK(refused(changed));
    }
  }
}

// The same numbers in other DER clothes, which some libraries take: BER lengths and a padded integer.
TEST_CASE("looser encodings of a true signature are refused") {
  const Bytes publicKey = curvePublicKey(CurveId::p256, hex("C9AFA9D845BA75166B5C215767B1D693"
                                                            "4E50C3DB36E89B127B8A622B120F6721"))
                              .value();
  const std::string_view r = "00efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
  const std::string_view s = "00f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
  auto verdict = [&](std::string text) {
    return ecdsaVerify(CurveId::p256, publicKey, asBytes("sample"), hex(text)).has_value();
  };
  std::string rs = "0221" + std::string(r) + "0221" + std::string(s);
  CHECK(verdict("3046" + rs));
  CHECK_FALSE(verdict("308146" + rs));                                            // long form of a length
  CHECK_FALSE(verdict("3080" + rs + "0000"));                                     // indefinite length
  CHECK_FALSE(verdict("3047022200" + std::string(r) + "0221" + std::string(s)));  // r with one more zero
  CHECK_FALSE(verdict("30440220" + std::string(r.substr(2)) + "0220" + std::string(s.substr(2))));  // negative numbers
  CHECK_FALSE(verdict("3006020100020100"));
}

TEST_CASE("both signs of s are taken, as every other implementation takes them") {
  const Bytes key = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
  // n - s of the RFC 6979 signature above.
  Bytes low = der(hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"),
                  hex("0834E36AD29A83BF2BC9385E491D6099C8FDF9D1ED67AA7EA5F51F93782857A9"));
  CHECK(ecdsaVerify(CurveId::p256, curvePublicKey(CurveId::p256, key).value(), asBytes("sample"), low).has_value());
}

TEST_CASE("impossible keys are refused before anything is computed") {
  for (CurveId id : kCurveIds) {
    CHECK(ecdsaSign(id, Bytes(curveFieldSize(id)), {}).error() == CryptoError::badPrivateKey);
    CHECK(ecdsaSign(id, Bytes(curveFieldSize(id) - 1, 1), {}).error() == CryptoError::badLength);
    CHECK(ecdsaVerify(id, Bytes(curvePublicKeySize(id), 4), {}, {}).error() == CryptoError::badPublicKey);
    CHECK(ecdsaVerify(id, Bytes(curvePublicKeySize(id) + 1, 4), {}, {}).error() == CryptoError::badLength);
  }
}

}  // namespace
}  // namespace qpq::crypto
