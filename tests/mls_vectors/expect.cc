#include "mls_vectors/expect.h"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "crypto/foreign_suite_test.h"

namespace qpq::mls::vectors {
namespace {

constexpr auto kSuitesOfVectors = [] {
  std::array<crypto::Suite, crypto::kSuites.size() + 1> all{};
  std::ranges::copy(crypto::kSuites, all.begin());
  all.back() = crypto::kSuiteTsMls83;
  return all;
}();

bool isCurveKem(crypto::KemId id) {
  return id == crypto::KemId::p256HkdfSha256 || id == crypto::KemId::p384HkdfSha384 ||
         id == crypto::KemId::p521HkdfSha512;
}

SecretBytes padded(ByteView key, std::size_t size) {
  if (key.size() >= size) return SecretBytes(key);
  SecretBytes whole(size);
  std::ranges::copy(key, whole.writable().last(key.size()).begin());
  return whole;
}

}  // namespace

void failed(std::string_view what) { throw std::runtime_error(std::string(what)); }

void expect(bool holds, std::string_view what) {
  if (!holds) failed(what);
}

void expectEqual(ByteView found, ByteView expected, std::string_view what) {
  if (!equal(found, expected)) failed(std::string(what) + " differs");
}

void expectEqual(const SecretBytes& found, ByteView expected, std::string_view what) {
  expectEqual(found.expose(), expected, what);
}

std::string reason(const Error& error) {
  return "error " + std::to_string(static_cast<int>(error.code)) + ", index " + std::to_string(error.index);
}

std::string reason(const DecodeError& error) {
  return "cannot be decoded at byte " + std::to_string(error.offset) + ", reason " +
         std::to_string(static_cast<int>(error.code));
}

std::string reason(const crypto::CryptoError& error) {
  return "crypto error " + std::to_string(static_cast<int>(error));
}

crypto::SuiteTable suites() { return kSuitesOfVectors; }

const crypto::Suite& suiteOf(const test::Json& vector) {
  uint64_t id = vector["cipher_suite"].number();
  const crypto::Suite* suite = id <= 0xffff ? crypto::findSuite(static_cast<uint16_t>(id), suites()) : nullptr;
  if (suite == nullptr) failed("cipher_suite " + std::to_string(id) + " is not in this build");
  return *suite;
}

uint32_t number32(const test::Json& json) {
  uint64_t number = json.number();
  expect(number <= std::numeric_limits<uint32_t>::max(), "a number is above 2^32 - 1");
  return static_cast<uint32_t>(number);
}

SecretBytes kemKey(const crypto::Suite& suite, const test::Json& json) {
  return padded(json.hex(), isCurveKem(suite.kem) ? crypto::kemPrivateKeySize(suite.kem) : 0);
}

SecretBytes signatureKey(const crypto::Suite& suite, const test::Json& json) {
  // A suite signs on the curve it agrees on keys with.
  return padded(json.hex(), isCurveKem(suite.kem) ? crypto::kemPrivateKeySize(suite.kem) : 0);
}

}  // namespace qpq::mls::vectors
