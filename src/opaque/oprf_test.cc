#include "opaque/oprf.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "opaque/limits.h"
#include "opaque/testing.h"
#include "support/json.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::opaque {
namespace {

using test::Json;
using test::SeededRandom;
using testing::QueuedRandom;

// RFC 9497 A.1.1, in the form of the vector file.
constexpr std::string_view kRistretto255Mode0 = R"({
  "seed": "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3",
  "keyInfo": "74657374206b6579",
  "skSm": "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e",
  "vectors": [
    {"Input": "00",
     "Blind": "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
     "BlindedElement": "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
     "EvaluationElement": "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
     "Output": "
       527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3
       ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"},
    {"Input": "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
     "Blind": "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
     "BlindedElement": "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
     "EvaluationElement": "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
     "Output": "
       f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4
       f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73"}
  ]})";

Secret<32> seedOf(ByteView bytes) { return Secret<32>(bytes.first<32>()); }

Scalar deriveKey(const Json& suite) {
  auto info = suite["keyInfo"].hex();
  auto keys = deriveKeyPair(seedOf(suite["seed"].hex()), asText(info));
  REQUIRE(keys.has_value());
  CHECK(keys->publicKey.bytes == crypto::multiplyBase(keys->privateKey));
  return std::move(keys->privateKey);
}

void verify(const Scalar& key, const Json& vector) {
  Bytes input = vector["Input"].hex();
  QueuedRandom random{vector["Blind"].hex()};
  auto blinding = blind(input, random);
  REQUIRE(blinding.has_value());
  CHECK(random.empty());
  CHECK(toHex(encode(blinding->blindedElement)) == vector["BlindedElement"].string());
  auto evaluated = blindEvaluate(key, blinding->blindedElement);
  REQUIRE(evaluated.has_value());
  CHECK(toHex(encode(*evaluated)) == vector["EvaluationElement"].string());
  auto output = finalize(input, blinding->blind, *evaluated);
  REQUIRE(output.has_value());
  CHECK(toHex(output->expose()) == vector["Output"].string());
}

TEST_CASE("the OPRF gives the values of RFC 9497 A.1.1") {
  Json suite = Json::parse(testing::withoutSpace(kRistretto255Mode0));
  Scalar key = deriveKey(suite);
  CHECK(toHex(key.expose()) == suite["skSm"].string());
  for (const Json& vector : suite["vectors"].items()) verify(key, vector);
}

TEST_CASE("the OPRF gives the values of the vector file for ristretto255-SHA512, mode 0") {
  auto file = test::VectorFile::open("opaque/rfc9497.json");
  if (!file) return;
  std::size_t verified = 0;
  for (const Json& suite : file->json()["suites"].items()) {
    // Modes 1 and 2 prove the evaluation, which OPAQUE does not use; other groups are not ours.
    if (suite["mode"].number() != 0 || suite["identifier"].string() != "ristretto255-SHA512") continue;
    Scalar key = deriveKey(suite);
    CHECK(toHex(key.expose()) == suite["skSm"].string());
    for (const Json& vector : suite["vectors"].items()) {
      REQUIRE(vector["Batch"].number() == 1);
      verify(key, vector);
      file->verified();
      ++verified;
    }
  }
  CHECK(verified == 2);
}

TEST_CASE("the output depends on the input and the key, not on the blind") {
  SeededRandom random(1);
  Scalar key = crypto::randomScalar(random);
  Scalar otherKey = crypto::randomScalar(random);
  auto evaluate = [&](const Scalar& under, std::string_view input) {
    auto blinding = *blind(asBytes(input), random);
    auto output = finalize(asBytes(input), blinding.blind, *blindEvaluate(under, blinding.blindedElement));
    return toHex(output->expose());
  };
  std::string output = evaluate(key, "tea at four");
  CHECK(evaluate(key, "tea at four") == output);
  CHECK(evaluate(key, "tea at five") != output);
  CHECK(evaluate(otherKey, "tea at four") != output);
  CHECK(evaluate(key, "") != output);
}

TEST_CASE("a blinded input says nothing about the input") {
  SeededRandom random(2);
  auto first = *blind(asBytes("tea at four"), random);
  auto second = *blind(asBytes("tea at four"), random);
  CHECK(first.blindedElement != second.blindedElement);
}

TEST_CASE("an input up to the length RFC 9497 §5.1 allows is taken, a longer one is not") {
  SeededRandom random(3);
  Scalar key = crypto::randomScalar(random);
  Bytes input(kPasswordSizeMax, 'a');
  auto blinding = blind(input, random);
  REQUIRE(blinding.has_value());
  auto evaluated = *blindEvaluate(key, blinding->blindedElement);
  CHECK(finalize(input, blinding->blind, evaluated).has_value());
  for (std::size_t size : {kPasswordSizeMax + 1, kPasswordSizeMax + 2, 16 * kPasswordSizeMax}) {
    Bytes longer(size, 'a');
    CHECK(blind(longer, random).error() == Error::invalidInput);
    CHECK(finalize(longer, blinding->blind, evaluated).error() == Error::invalidInput);
  }
}

TEST_CASE("what is no element is refused by the decoder and by every operation") {
  SeededRandom random(4);
  auto blinding = *blind(asBytes("input"), random);
  for (auto [what, hex] : testing::kBadElements) {
    INFO(what);
    Bytes bytes = *fromHex(hex);
    CHECK(decode<Element>(bytes).error() == DecodeError{DecodeError::Code::invalid, 0});
    Element element;
    std::ranges::copy(bytes, element.bytes.begin());
    CHECK(blindEvaluate(blinding.blind, element).error() == Error::deserialize);
    CHECK(finalize(asBytes("input"), blinding.blind, element).error() == Error::deserialize);
  }
  CHECK(blindEvaluate(blinding.blind, Element{}).error() == Error::deserialize);
  CHECK(decode<Element>(encode(blinding.blindedElement)) == blinding.blindedElement);
}

TEST_CASE("derived keys differ by seed and by info") {
  Secret<32> seed(std::span<const uint8_t, 32>(ByteArray<32>{1}));
  Secret<32> otherSeed(std::span<const uint8_t, 32>(ByteArray<32>{2}));
  auto key = deriveKeyPair(seed, "a")->publicKey;
  CHECK(deriveKeyPair(seed, "a")->publicKey == key);
  CHECK(deriveKeyPair(seed, "b")->publicKey != key);
  CHECK(deriveKeyPair(otherSeed, "a")->publicKey != key);
}

}  // namespace
}  // namespace qpq::opaque
