#pragma once

#include <cstdint>
#include <tuple>

#include "wire/error.h"
#include "wire/limits.h"
#include "wire/sign.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

struct ReceiptKey {
  uint32_t id = 0;
  PublicKey key{};
  uint64_t fromMs = 0;  // since when the server signs with it; for people, no reason to refuse a receipt

  bool operator==(const ReceiptKey&) const = default;
  static constexpr auto fields() { return std::tuple{&ReceiptKey::id, &ReceiptKey::key, &ReceiptKey::fromMs}; }
};
inline uint32_t sortKey(const ReceiptKey& key) { return key.id; }

struct ServerInfoTBS {
  static constexpr SignLabel kSignLabel = SignLabel::server;

  Version version = Version::one;
  PublicKey identity{};
  Incarnation incarnation;
  Hash tlsKey{};  // SHA-256 of the SubjectPublicKeyInfo of the server's TLS certificate
  Sorted<ReceiptKey, kReceiptKeysMax> receiptKeys;

  bool operator==(const ServerInfoTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ServerInfoTBS::version, &ServerInfoTBS::identity, &ServerInfoTBS::incarnation,
                      &ServerInfoTBS::tlsKey, &ServerInfoTBS::receiptKeys};
  }
};

// Who a server is. Signed by its identity key, which clients pin: a renewed TLS certificate is silent, a changed
// identity is loud.
using ServerInfo = Signed<ServerInfoTBS>;

class VerifiedServerInfo {
 public:
  // badSignature. Whether this identity is the right one, the pin says.
  static Result<VerifiedServerInfo> check(ServerInfo info);

  const ServerInfo& info() const { return info_; }
  const ServerInfoTBS* operator->() const { return &info_.tbs; }
  // unknownReceiptKey
  Result<PublicKey> receiptKey(uint32_t id) const;
  bool operator==(const VerifiedServerInfo&) const = default;

 private:
  explicit VerifiedServerInfo(ServerInfo info): info_(std::move(info)) {}
  ServerInfo info_;
};

// The client's check of a connection: otherIdentity (loud), otherTlsKey (someone else's connection).
Result<void> checkConnection(const VerifiedServerInfo& info, const PublicKey& pinnedIdentity, const Hash& tlsKey);

}  // namespace qpq::wire
