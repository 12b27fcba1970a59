#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "mls/message/list.h"
#include "wire/error.h"
#include "wire/limits.h"
#include "wire/logs/chain.h"
#include "wire/people/server_info.h"
#include "wire/sign.h"
#include "wire/types.h"

namespace qpq::wire {

// What the server says of one stored entry. "The first receipt" of an entry is this; path and signature may be new.
struct ReceiptLeaf {
  Incarnation incarnation;
  LogId log;
  uint64_t seq = 0;
  EntryId id;
  Hash envelope{};       // SHA-256 of the envelope
  Hash head{};           // head(seq)
  uint64_t commits = 0;  // up to and with this entry
  uint64_t timeMs = 0;

  bool operator==(const ReceiptLeaf&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ReceiptLeaf::incarnation, &ReceiptLeaf::log,  &ReceiptLeaf::seq,     &ReceiptLeaf::id,
                      &ReceiptLeaf::envelope,    &ReceiptLeaf::head, &ReceiptLeaf::commits, &ReceiptLeaf::timeMs};
  }
};

// What a receipt key signs, once per flush.
struct FlushTBS {
  static constexpr SignLabel kSignLabel = SignLabel::receipt;

  uint32_t size = 0;
  Hash root{};

  bool operator==(const FlushTBS&) const = default;
  static constexpr auto fields() { return std::tuple{&FlushTBS::size, &FlushTBS::root}; }
};

// A leaf and its way to the signed root of the flush it was made durable in.
struct Receipt {
  ReceiptLeaf leaf;
  uint32_t keyId = 0;
  uint32_t index = 0;
  uint32_t size = 0;
  mls::List<Hash, kMerklePathMax> path;
  Signature signature{};

  bool operator==(const Receipt&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Receipt::leaf, &Receipt::keyId, &Receipt::index,
                      &Receipt::size, &Receipt::path,  &Receipt::signature};
  }
};

// Where a log stands: the answer to head(), and the record that pruning leaves.
struct HeadTBS {
  static constexpr SignLabel kSignLabel = SignLabel::head;

  Incarnation incarnation;
  LogId log;
  uint64_t seq = 0;
  Hash head{};
  uint64_t commits = 0;
  uint64_t timeMs = 0;

  bool operator==(const HeadTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&HeadTBS::incarnation, &HeadTBS::log,     &HeadTBS::seq,
                      &HeadTBS::head,        &HeadTBS::commits, &HeadTBS::timeMs};
  }
};

struct SignedHead {
  HeadTBS tbs;
  uint32_t keyId = 0;
  Signature signature{};

  bool operator==(const SignedHead&) const = default;
  static constexpr auto fields() { return std::tuple{&SignedHead::tbs, &SignedHead::keyId, &SignedHead::signature}; }
};

// The server's signing key of the day, as its ServerInfo names it.
struct ReceiptSigner {
  uint32_t keyId;
  const crypto::Ed25519Key& key;
};
// One receipt per leaf, in order, all under one signature. At least one leaf.
std::vector<Receipt> signFlush(const ReceiptSigner& signer, const std::vector<ReceiptLeaf>& leaves);
SignedHead signHead(const ReceiptSigner& signer, const HeadTBS& tbs);

// What a server has signed about one place of one log: a receipt or a head that verifies.
class Attestation {
 public:
  // otherIncarnation, unknownReceiptKey, badMerklePath, badSignature
  static Result<Attestation> check(const Receipt& receipt, const VerifiedServerInfo& server);
  static Result<Attestation> check(const SignedHead& head, const VerifiedServerInfo& server);
  // Of whichever incarnation: what the server has said in an earlier life. All but otherIncarnation.
  static Result<Attestation> checkOfAnyLife(const Receipt& receipt, const VerifiedServerInfo& server);

  const PublicKey& identity() const { return identity_; }
  const Incarnation& incarnation() const { return incarnation_; }
  const LogId& log() const { return log_; }
  const LogPlace& place() const { return place_; }
  bool operator==(const Attestation&) const = default;

 private:
  Attestation(const PublicKey& identity, const Incarnation& incarnation, const LogId& log, const LogPlace& place)
      : identity_(identity), incarnation_(incarnation), log_(log), place_(place) {}
  PublicKey identity_;
  Incarnation incarnation_;
  LogId log_;
  LogPlace place_;
};

// The proof against a server: one identity has signed, in one incarnation, two different heads (or counts of commits)
// for one number of one log. noContradiction if both can be true; across incarnations the server was restored.
Result<void> checkContradiction(const Attestation& a, const Attestation& b);

}  // namespace qpq::wire
