#pragma once

#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_ossl.h>

#include <optional>
#include <string>

#include "quic/openssl_owned.h"
#include "quic/peer_verifier.h"
#include "quic/tls_profile.h"

namespace qpq::quic {

// The settings of all sessions of one endpoint in one role.
class TlsContext {
 public:
  static TlsContext forServer(const TlsIdentity& identity, const TlsProfile& profile = {});
  static TlsContext forClient(const TlsProfile& profile = {});

  SSL_CTX* raw() const { return context_.get(); }
  const TlsProfile& profile() const { return *profile_; }

 private:
  TlsContext(SslContextOwned context, const TlsProfile& profile);

  SslContextOwned context_;
  std::unique_ptr<const TlsProfile> profile_;  // OpenSSL keeps a pointer to it
};

// The TLS side of one connection.
class TlsSession {
 public:
  // Whom a client expects.
  struct Expectation {
    PeerVerifier verifier;
    std::string serverName;
  };

  // A server's, without an expectation, or a client's.
  TlsSession(const TlsContext& context, std::optional<Expectation> expectation);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Before the first packet.
  void attach(ngtcp2_conn* connection);

  // Gives back the 19 KiB a finished handshake occupies. For servers: they send no tickets, and a client has nothing
  // more to say that TLS would have to read.
  void finish();
  bool finished() const { return ssl_ == nullptr; }

  const std::optional<KeyHash>& peerKey() const { return peerKey_; }
  bool refusedPeer() const { return refusedPeer_; }
  // RFC 8446 §7.5, label "EXPORTER-qpq-1", empty context. After the handshake, before finish().
  ByteArray<32> exporter() const;

 private:
  static ngtcp2_conn* connectionOf(ngtcp2_crypto_conn_ref* ref);
  static int verify(X509_STORE_CTX* store, void*) noexcept;  // below it is C
  bool judge(X509_STORE_CTX* store);
  friend class TlsContext;

  SSL* ssl_ = nullptr;
  ngtcp2_crypto_ossl_ctx* crypto_ = nullptr;
  ngtcp2_conn* connection_ = nullptr;
  ngtcp2_crypto_conn_ref ref_{};
  std::optional<Expectation> expectation_;
  std::optional<KeyHash> peerKey_;
  bool refusedPeer_ = false;
};

}  // namespace qpq::quic
