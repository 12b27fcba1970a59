#pragma once

#include <cstddef>
#include <tuple>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/secret.h"
#include "opaque/kdf.h"
#include "opaque/oprf.h"

// The messages of RFC 9807, each of one size: encode(ke1), decode<Ke1>(bytes). Decoding refuses another size and every
// group element that is not canonical or is the identity (§10.7).
namespace qpq::opaque {

inline constexpr std::size_t kRegistrationRequestSize = 32;
inline constexpr std::size_t kRegistrationResponseSize = 64;
inline constexpr std::size_t kRegistrationRecordSize = 192;
inline constexpr std::size_t kKe1Size = 96;
inline constexpr std::size_t kKe2Size = 320;
inline constexpr std::size_t kKe3Size = 64;

using Nonce = ByteArray<32>;

// §5.1
struct RegistrationRequest {
  Element blindedMessage;

  bool operator==(const RegistrationRequest&) const = default;
  static constexpr auto fields() { return std::tuple{&RegistrationRequest::blindedMessage}; }
};

struct RegistrationResponse {
  Element evaluatedMessage;
  Element serverPublicKey;

  bool operator==(const RegistrationResponse&) const = default;
  static constexpr auto fields() {
    return std::tuple{&RegistrationResponse::evaluatedMessage, &RegistrationResponse::serverPublicKey};
  }
};

// §4.1.1
struct Envelope {
  Nonce nonce{};
  ByteArray<kHashSize> authTag{};

  bool operator==(const Envelope&) const = default;
  static constexpr auto fields() { return std::tuple{&Envelope::nonce, &Envelope::authTag}; }
};

// §5.1: what the server keeps of a user. It holds a key, so it is written by encodeSecret() only. §10.10: it needs a
// confidential channel.
struct RegistrationRecord {
  Element clientPublicKey;
  Key maskingKey;
  Envelope envelope;
};

// §6.3.1
struct CredentialRequest {
  Element blindedMessage;

  bool operator==(const CredentialRequest&) const = default;
  static constexpr auto fields() { return std::tuple{&CredentialRequest::blindedMessage}; }
};

struct CredentialResponse {
  static constexpr std::size_t kMaskedSize = 128;  // server public key ‖ envelope

  Element evaluatedMessage;
  Nonce maskingNonce{};
  ByteArray<kMaskedSize> maskedResponse{};

  bool operator==(const CredentialResponse&) const = default;
  static constexpr auto fields() {
    return std::tuple{&CredentialResponse::evaluatedMessage, &CredentialResponse::maskingNonce,
                      &CredentialResponse::maskedResponse};
  }
};

// §6.1
struct AuthRequest {
  Nonce clientNonce{};
  Element clientPublicKeyshare;

  bool operator==(const AuthRequest&) const = default;
  static constexpr auto fields() { return std::tuple{&AuthRequest::clientNonce, &AuthRequest::clientPublicKeyshare}; }
};

struct Ke1 {
  CredentialRequest credentialRequest;
  AuthRequest authRequest;

  bool operator==(const Ke1&) const = default;
  static constexpr auto fields() { return std::tuple{&Ke1::credentialRequest, &Ke1::authRequest}; }
};

struct AuthResponse {
  Nonce serverNonce{};
  Element serverPublicKeyshare;
  ByteArray<kHashSize> serverMac{};

  bool operator==(const AuthResponse&) const = default;
  static constexpr auto fields() {
    return std::tuple{&AuthResponse::serverNonce, &AuthResponse::serverPublicKeyshare, &AuthResponse::serverMac};
  }
};

struct Ke2 {
  CredentialResponse credentialResponse;
  AuthResponse authResponse;

  bool operator==(const Ke2&) const = default;
  static constexpr auto fields() { return std::tuple{&Ke2::credentialResponse, &Ke2::authResponse}; }
};

struct Ke3 {
  ByteArray<kHashSize> clientMac{};

  bool operator==(const Ke3&) const = default;
  static constexpr auto fields() { return std::tuple{&Ke3::clientMac}; }
};

}  // namespace qpq::opaque

template <>
struct qpq::Codec<qpq::opaque::RegistrationRecord> {
  static void write(SecretWriter& out, const opaque::RegistrationRecord& record);
  static Decoded<opaque::RegistrationRecord> read(Reader& in);
};
