#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/secret.h"
#include "crypto/hash.h"
#include "mls/error.h"
#include "mls/message/framing.h"
#include "mls/record.h"

namespace qpq::mls {

// An own proposal counts as sent until it is received like everybody else's: whether the group has it is decided by the
// order of the log, not by us.
enum class ProposalState : uint8_t { sent = 1, received = 2 };
constexpr bool isKnown(ProposalState v) { return v == ProposalState::sent || v == ProposalState::received; }

struct StoredProposal {
  ProposalRef ref;
  Sender sender;
  ProposalState state{};
  crypto::Hash32 digest{};  // SHA-256 of the message that carried it
  Bytes authenticatedData;
  Proposal proposal;
  bool operator==(const StoredProposal&) const = default;
  static constexpr auto fields() {
    return std::tuple{&StoredProposal::ref,
                      &StoredProposal::sender,
                      &StoredProposal::state,
                      &StoredProposal::digest,
                      &StoredProposal::authenticatedData,
                      &StoredProposal::proposal};
  }
};

// The private halves of an own Update's leaf: ours from the epoch on that commits it.
struct UpdateKeys {
  SecretBytes leafKey;
  SecretBytes signatureKey;
  static constexpr auto fields() { return std::tuple{&UpdateKeys::leafKey, &UpdateKeys::signatureKey}; }
};

// RFC 9420 §12.1: the proposals of one epoch that a commit may name by reference, in the order of their arrival.
class ProposalStore {
 public:
  const StoredProposal* find(const ProposalRef& ref) const;            // nullptr if there is none
  const StoredProposal* findSent(const crypto::Hash32& digest) const;  // an own one that has not been received
  const StoredProposal* findSelfRemove(LeafIndex sender) const;
  const UpdateKeys* updateKeys(const ProposalRef& ref) const;  // nullptr if it is no Update of ours
  std::vector<const StoredProposal*> received() const;
  std::vector<const StoredProposal*> sent() const;

  // Whether put() would find room. tooManyProposals.
  Result<void> checkRoom(const ProposalRef& ref) const;
  // Stores, or replaces the one with the same reference. Names the record that changed.
  RecordKey put(StoredProposal proposal);
  // For an own Update that has been put. Names the record that changed.
  RecordKey putKeys(const ProposalRef& ref, UpdateKeys keys);
  // Forgets one that was sent and never received. Names the records that changed; unknownProposalRef.
  Result<std::vector<RecordKey>> withdraw(const ProposalRef& ref);

  std::vector<RecordKey> keys() const;
  std::optional<SecretBytes> record(const RecordKey& key) const;
  Decoded<void> restore(const RecordKey& key, ByteView value);

 private:
  std::vector<const StoredProposal*> in(ProposalState state) const;
  std::optional<uint32_t> placeOf(const ProposalRef& ref) const;

  std::map<uint32_t, StoredProposal> byArrival_;
  std::map<uint32_t, UpdateKeys> updateKeys_;  // by the arrival of their proposal
};

}  // namespace qpq::mls
