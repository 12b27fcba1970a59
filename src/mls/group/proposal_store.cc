#include "mls/group/proposal_store.h"

#include <algorithm>

#include "mls/limits.h"

namespace qpq::mls {

namespace {

template <class Matches>
const StoredProposal* findIf(const std::map<uint32_t, StoredProposal>& proposals, Matches matches) {
  auto found = std::ranges::find_if(proposals, [&](const auto& entry) { return matches(entry.second); });
  return found == proposals.end() ? nullptr : &found->second;
}

}  // namespace

const StoredProposal* ProposalStore::find(const ProposalRef& ref) const {
  return findIf(byArrival_, [&](const StoredProposal& stored) { return stored.ref == ref; });
}

const StoredProposal* ProposalStore::findSent(const crypto::Hash32& digest) const {
  return findIf(byArrival_, [&](const StoredProposal& stored) {
    return stored.state == ProposalState::sent && stored.digest == digest;
  });
}

const StoredProposal* ProposalStore::findSelfRemove(LeafIndex sender) const {
  return findIf(byArrival_, [&](const StoredProposal& stored) {
    return stored.sender == sender && stored.proposal.as<SelfRemove>() != nullptr;
  });
}

std::vector<const StoredProposal*> ProposalStore::received() const {
  std::vector<const StoredProposal*> result;
  for (const auto& [arrival, proposal] : byArrival_) {
    if (proposal.state == ProposalState::received) result.push_back(&proposal);
  }
  return result;
}

Result<void> ProposalStore::checkRoom(const ProposalRef& ref) const {
  if (byArrival_.size() >= kStoredProposalsMax && find(ref) == nullptr) return fail(ErrorCode::tooManyProposals);
  return {};
}

RecordKey ProposalStore::put(StoredProposal proposal) {
  auto known = std::ranges::find_if(byArrival_, [&](const auto& entry) { return entry.second.ref == proposal.ref; });
  uint32_t place = byArrival_.empty() ? 0 : byArrival_.rbegin()->first + 1;
  if (known != byArrival_.end()) place = known->first;
  byArrival_.insert_or_assign(place, std::move(proposal));
  return {RecordKind::proposal, place};
}

std::vector<RecordKey> ProposalStore::keys() const {
  std::vector<RecordKey> keys;
  for (const auto& [arrival, proposal] : byArrival_) keys.push_back({RecordKind::proposal, arrival});
  return keys;
}

std::optional<SecretBytes> ProposalStore::record(const RecordKey& key) const {
  auto found = byArrival_.find(key.a);
  if (found == byArrival_.end()) return std::nullopt;
  return encodeSecret(found->second);
}

Decoded<void> ProposalStore::restore(const RecordKey& key, ByteView value) {
  byArrival_[key.a] = TRY(decode<StoredProposal>(value));
  return {};
}

}  // namespace qpq::mls
