#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/secret.h"
#include "crypto/hash.h"
#include "mls/error.h"
#include "mls/message/commit.h"
#include "mls/record.h"

namespace qpq::mls {

// An own proposal counts as sent until it is received like everybody else's: whether the group has it is decided by the
// order of the log, not by us.
enum class ProposalState : uint8_t { sent = 1, received = 2 };
constexpr bool isKnown(ProposalState v) { return v == ProposalState::sent || v == ProposalState::received; }

struct StoredProposal {
  ProposalRef ref;
  LeafIndex sender;
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

// RFC 9420 §12.1: the proposals of one epoch that a commit may name by reference, in the order of their arrival.
class ProposalStore {
 public:
  const StoredProposal* find(const ProposalRef& ref) const;            // nullptr if there is none
  const StoredProposal* findSent(const crypto::Hash32& digest) const;  // an own one that has not been received
  const StoredProposal* findSelfRemove(LeafIndex sender) const;
  std::vector<const StoredProposal*> received() const;

  // Whether put() would find room. tooManyProposals.
  Result<void> checkRoom(const ProposalRef& ref) const;
  // Stores, or replaces the one with the same reference. Names the record that changed.
  RecordKey put(StoredProposal proposal);

  std::vector<RecordKey> keys() const;
  std::optional<SecretBytes> record(const RecordKey& key) const;
  Decoded<void> restore(const RecordKey& key, ByteView value);

 private:
  std::map<uint32_t, StoredProposal> byArrival_;
};

}  // namespace qpq::mls
