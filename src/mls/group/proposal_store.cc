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

std::optional<uint32_t> ProposalStore::placeOf(const ProposalRef& ref) const {
  auto found = std::ranges::find_if(byArrival_, [&](const auto& entry) { return entry.second.ref == ref; });
  return found == byArrival_.end() ? std::nullopt : std::optional(found->first);
}

const UpdateKeys* ProposalStore::updateKeys(const ProposalRef& ref) const {
  auto place = placeOf(ref);
  auto found = place ? updateKeys_.find(*place) : updateKeys_.end();
  return found == updateKeys_.end() ? nullptr : &found->second;
}

std::vector<const StoredProposal*> ProposalStore::in(ProposalState state) const {
  std::vector<const StoredProposal*> result;
  for (const auto& [arrival, proposal] : byArrival_) {
    if (proposal.state == state) result.push_back(&proposal);
  }
  return result;
}
std::vector<const StoredProposal*> ProposalStore::received() const { return in(ProposalState::received); }
std::vector<const StoredProposal*> ProposalStore::sent() const { return in(ProposalState::sent); }

Result<void> ProposalStore::checkRoom(const ProposalRef& ref) const {
  if (byArrival_.size() >= kStoredProposalsMax && find(ref) == nullptr) return fail(ErrorCode::tooManyProposals);
  return {};
}

RecordKey ProposalStore::put(StoredProposal proposal) {
  uint32_t next = byArrival_.empty() ? 0 : byArrival_.rbegin()->first + 1;
  uint32_t place = placeOf(proposal.ref).value_or(next);
  byArrival_.insert_or_assign(place, std::move(proposal));
  return {RecordKind::proposal, place};
}

RecordKey ProposalStore::putKeys(const ProposalRef& ref, UpdateKeys keys) {
  uint32_t place = placeOf(ref).value();
  updateKeys_.insert_or_assign(place, std::move(keys));
  return {RecordKind::updateKeys, place};
}

Result<std::vector<RecordKey>> ProposalStore::withdraw(const ProposalRef& ref) {
  auto place = placeOf(ref);
  if (!place || byArrival_.at(*place).state != ProposalState::sent) return fail(ErrorCode::unknownProposalRef);
  byArrival_.erase(*place);
  updateKeys_.erase(*place);
  return std::vector<RecordKey>{{RecordKind::proposal, *place}, {RecordKind::updateKeys, *place}};
}

std::vector<RecordKey> ProposalStore::keys() const {
  std::vector<RecordKey> keys;
  for (const auto& [arrival, proposal] : byArrival_) keys.push_back({RecordKind::proposal, arrival});
  for (const auto& [arrival, secrets] : updateKeys_) keys.push_back({RecordKind::updateKeys, arrival});
  return keys;
}

std::optional<SecretBytes> ProposalStore::record(const RecordKey& key) const {
  if (key.kind == RecordKind::updateKeys) {
    auto keys = updateKeys_.find(key.a);
    return keys == updateKeys_.end() ? std::nullopt : std::optional(encodeSecret(keys->second));
  }
  auto found = byArrival_.find(key.a);
  if (found == byArrival_.end()) return std::nullopt;
  return encodeSecret(found->second);
}

Decoded<void> ProposalStore::restore(const RecordKey& key, ByteView value) {
  if (key.kind == RecordKind::updateKeys) {
    updateKeys_[key.a] = TRY(decode<UpdateKeys>(value));
  } else {
    byArrival_[key.a] = TRY(decode<StoredProposal>(value));
  }
  return {};
}

}  // namespace qpq::mls
