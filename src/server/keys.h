#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/ed25519.h"
#include "opaque/server_setup.h"
#include "server/store/connection.h"
#include "wire/logs/receipt.h"
#include "wire/people/server_info.h"

namespace qpq::server {

// What the server signs and answers logins with. Unchanging while it runs, so both workers may read it.
class ServerKeys {
 public:
  // Those of the store, or new ones that are durable when this returns.
  [[nodiscard]] static store::Result<ServerKeys> open(store::Connection& connection, Random& random, Instant now);

  const Incarnation& incarnation() const { return incarnation_; }
  const store::RefillWindow& refillWindow() const { return refillWindow_; }
  const wire::PublicKey& identity() const { return identity_.publicKey(); }
  const opaque::ServerSetup& opaque() const { return opaque_; }
  // What clients check their connection and their receipts by. `tlsKey`: SHA-256 of the certificate's SPKI.
  wire::ServerInfo info(const wire::Hash& tlsKey) const;

  // Secret bytes that a restart does not change, others for each purpose.
  Secret<32> derive(std::string_view purpose) const;

  // All under one signature; of no leaves nothing.
  std::vector<wire::Receipt> sign(const std::vector<wire::ReceiptLeaf>& leaves) const;
  wire::Receipt sign(const wire::ReceiptLeaf& leaf) const { return sign(std::vector{leaf}).front(); }
  wire::SignedHead sign(const LogId& log, const wire::LogPlace& place, uint64_t timeMs) const;

 private:
  struct ReceiptKey {
    uint32_t id;
    crypto::Ed25519Key key;
    uint64_t fromMs;
  };
  ServerKeys(const Incarnation& incarnation, const store::RefillWindow& refillWindow, crypto::Ed25519Key identity,
             opaque::ServerSetup opaque, std::vector<ReceiptKey> receiptKeys);
  wire::ReceiptSigner signer() const { return {receiptKeys_.back().id, receiptKeys_.back().key}; }

  Incarnation incarnation_;
  store::RefillWindow refillWindow_;
  crypto::Ed25519Key identity_;
  opaque::ServerSetup opaque_;
  std::vector<ReceiptKey> receiptKeys_;  // never empty; the last one signs
};

}  // namespace qpq::server
