#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "support/json.h"

// How a check says what is wrong: by an exception that names the value.
namespace qpq::mls::vectors {

[[noreturn]] void failed(std::string_view what);
void expect(bool holds, std::string_view what);
void expectEqual(ByteView found, ByteView expected, std::string_view what);
void expectEqual(const SecretBytes& found, ByteView expected, std::string_view what);

std::string reason(const Error& error);
std::string reason(const DecodeError& error);
std::string reason(const crypto::CryptoError& error);

// The value, or a failure that tells why there is none.
template <class T, class E>
T must(std::expected<T, E> result, std::string_view what) {
  if (!result) failed(std::string(what) + ": " + reason(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Decodes, and expects the same bytes back.
template <class T>
T decoded(const test::Json& vector, std::string_view field) {
  Bytes bytes = vector[field].hex();
  T value = must(decode<T>(bytes), field);
  expectEqual(encode(value), bytes, field);
  return value;
}

// That of the case's cipher_suite, the test-only one among them; fails if this build does not have it.
const crypto::Suite& suiteOf(const test::Json& vector);
crypto::SuiteTable suites();

uint32_t number32(const test::Json& json);

// A private key of a NIST curve is a number: the files of some makers leave its leading zeros out.
SecretBytes kemKey(const crypto::Suite& suite, const test::Json& json);
SecretBytes signatureKey(const crypto::Suite& suite, const test::Json& json);

}  // namespace qpq::mls::vectors
