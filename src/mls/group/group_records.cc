#include <algorithm>
#include <array>

#include "mls/group/epoch_records.h"
#include "mls/group/group.h"

namespace qpq::mls {
namespace {

// Of all records of a group. Another value is another format, which this build does not read.
constexpr uint8_t kVersion = 2;

// RecordKind::group.
struct Header {
  uint8_t version = 0;
  uint16_t suite = 0;
  LeafIndex self;
  Membership membership{};
  GroupPolicy policy;
  static constexpr auto fields() {
    return std::tuple{&Header::version, &Header::suite, &Header::self, &Header::membership, &Header::policy};
  }
};

RecordKey pskKey(Epoch epoch) {
  return {.kind = RecordKind::resumptionPsk,
          .a = static_cast<uint32_t>(epoch.value >> 32),
          .c = static_cast<uint32_t>(epoch.value)};
}
Epoch pskEpoch(const RecordKey& key) { return {uint64_t{key.a} << 32 | key.c}; }

std::vector<RecordKey> nodeKeys(const RatchetTree& tree) {
  std::vector<RecordKey> keys;
  for (NodeIndex at : tree.present()) keys.push_back({RecordKind::node, at.value});
  return keys;
}

void append(std::vector<RecordKey>& keys, const std::vector<RecordKey>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
}

}  // namespace

// --- changes

void Group::touch(std::span<const RecordKey> keys) {
  dirty_.insert(keys.begin(), keys.end());
  ++revision_;
}

void Group::setPolicy(GroupPolicy policy) {
  policy_ = std::move(policy);
  touch(std::array{RecordKey{RecordKind::group}});
}

void Group::use(StagedKey key) { touch(state_.messageKeys.consume(std::move(key), window())); }

void Group::keep(StoredProposal proposal) { touch(std::array{proposals_.put(std::move(proposal))}); }

void Group::await(std::optional<PendingCommit> pending) {
  pending_ = std::move(pending);
  touch(std::array{RecordKey{RecordKind::pendingCommit}});
}

void Group::begin(EpochState next) {
  touch(epochKeys());
  for (NodeIndex node : next.tree.changedSince(state_.tree)) touch(std::array{RecordKey{RecordKind::node, node.value}});
  pastResumptionPsks_.insert_or_assign(epoch(), std::move(state_.secrets.resumptionPsk));
  while (pastResumptionPsks_.size() > kResumptionPsksMax) pastResumptionPsks_.erase(pastResumptionPsks_.begin());
  state_ = std::move(next);
  proposals_ = {};
  allowance_ = 0;
  pending_.reset();
  touch(epochKeys());
}

void Group::forgetSecrets() {
  touch(recordKeys());
  membership_ = Membership::removed;
  state_.keys = TreeKeys(ownLeaf(), std::vector<NodePrivateKey>());
  state_.signatureKey = {};
  state_.secrets = {};
  state_.messageKeys = {};
  state_.exporters = {};
  proposals_ = {};
  allowance_ = 0;
  pastResumptionPsks_.clear();
  pending_.reset();
}

// --- records

std::vector<RecordKey> Group::epochKeys() const {
  std::vector<RecordKey> keys{{RecordKind::epoch}};
  if (membership_ == Membership::member) keys.push_back({RecordKind::secrets});
  for (const NodePrivateKey& entry : state_.keys.entries()) keys.push_back({RecordKind::privateKey, entry.node.value});
  append(keys, state_.messageKeys.keys());
  append(keys, state_.exporters.keys());
  if (state_.reInit) keys.push_back({RecordKind::reInit});
  append(keys, proposals_.keys());
  if (allowance_ > 0) keys.push_back({RecordKind::allowance});
  for (const auto& [past, psk] : pastResumptionPsks_) keys.push_back(pskKey(past));
  if (pending_) keys.push_back({RecordKind::pendingCommit});
  return keys;
}

std::vector<RecordKey> Group::recordKeys() const {
  std::vector<RecordKey> keys{{RecordKind::group}};
  append(keys, nodeKeys(state_.tree));
  append(keys, epochKeys());
  std::ranges::sort(keys);
  return keys;
}

std::optional<SecretBytes> Group::record(const RecordKey& key) const {
  bool member = membership_ == Membership::member;
  switch (key.kind) {
    case RecordKind::group: return encodeSecret(Header{kVersion, suite().id, ownLeaf(), membership_, policy_});
    case RecordKind::epoch: return encodeSecret(state_.context);
    case RecordKind::secrets: return member ? std::optional(secretsRecord(state_)) : std::nullopt;
    case RecordKind::node: return nodeRecord(state_.tree, {key.a});
    case RecordKind::privateKey: {
      const SecretBytes* found = state_.keys.find({key.a});
      return found ? std::optional(found->clone()) : std::nullopt;
    }
    case RecordKind::treeSecret:
    case RecordKind::ratchet:
    case RecordKind::skippedKey: return state_.messageKeys.record(key);
    case RecordKind::exporterSecret: return state_.exporters.record(key);
    case RecordKind::proposal:
    case RecordKind::updateKeys: return proposals_.record(key);
    case RecordKind::allowance: return allowance_ > 0 ? std::optional(encodeSecret(allowance_)) : std::nullopt;
    case RecordKind::resumptionPsk: {
      auto found = pastResumptionPsks_.find(pskEpoch(key));
      return found != pastResumptionPsks_.end() ? std::optional(found->second.clone()) : std::nullopt;
    }
    case RecordKind::pendingCommit: return pending_ ? std::optional(pending_->record(state_)) : std::nullopt;
    case RecordKind::reInit: return state_.reInit ? std::optional(encodeSecret(*state_.reInit)) : std::nullopt;
    case RecordKind::transcript: break;
  }
  return std::nullopt;
}

std::vector<Record> Group::save() const {
  std::vector<Record> records;
  for (const RecordKey& key : recordKeys()) records.push_back({encode(key), *record(key)});
  return records;
}

Delta Group::takeDelta() {
  Delta delta;
  for (const RecordKey& key : dirty_) delta.push_back({encode(key), record(key)});
  dirty_.clear();
  return delta;
}

// --- loading

namespace {

using Records = std::map<RecordKey, ByteView>;

// Each key once, or nothing.
std::optional<Records> sorted(std::span<const Record> records) {
  Records result;
  for (const Record& record : records) {
    auto key = decode<RecordKey>(record.key);
    if (!key || !result.emplace(*key, record.value.expose()).second) return std::nullopt;
  }
  return result;
}

Decoded<void> readPart(EpochParts& parts, const RecordKey& key, ByteView value) {
  switch (key.kind) {
    case RecordKind::epoch: parts.context = TRY(decode<GroupContext>(value)); return {};
    case RecordKind::secrets: return parts.readSecrets(value);
    case RecordKind::node: return parts.readNode({key.a}, value);
    case RecordKind::privateKey: parts.privateKeys.push_back({{key.a}, SecretBytes(value)}); return {};
    default: return {};
  }
}

}  // namespace

Decoded<void> Group::restore(const RecordKey& key, ByteView value) {
  switch (key.kind) {
    case RecordKind::treeSecret:
    case RecordKind::ratchet:
    case RecordKind::skippedKey: return state_.messageKeys.restore(key, value);
    case RecordKind::exporterSecret: state_.exporters.restore(key, value); return {};
    case RecordKind::reInit: state_.reInit = TRY(decode<ReInit>(value)); return {};
    case RecordKind::proposal:
    case RecordKind::updateKeys: return proposals_.restore(key, value);
    case RecordKind::allowance: allowance_ = TRY(decode<uint32_t>(value)); return {};
    case RecordKind::resumptionPsk: pastResumptionPsks_[pskEpoch(key)] = SecretBytes(value); return {};
    default: return {};
  }
}

Result<Group> Group::load(std::span<const Record> records, crypto::SuiteTable suites) {
  constexpr auto kDamaged = ErrorCode::damagedState;
  auto all = sorted(records);
  if (!all || !all->contains({RecordKind::group}) || !all->contains({RecordKind::epoch})) return fail(kDamaged);
  auto header = decode<Header>(all->at({RecordKind::group}));
  if (!header || header->version != kVersion) return fail(kDamaged);
  const crypto::Suite* suite = crypto::findSuite(header->suite, suites);
  bool member = header->membership == Membership::member;
  if (suite == nullptr || all->contains({RecordKind::secrets}) != member) return fail(kDamaged);

  EpochParts parts;
  for (const auto& [key, value] : *all) {
    if (!readPart(parts, key, value)) return fail(kDamaged);
  }
  Group group(TRY(std::move(parts).assemble(*suite, header->self)), header->policy);
  group.membership_ = header->membership;
  for (const auto& [key, value] : *all) {
    if (!group.restore(key, value)) return fail(kDamaged);
  }
  if (auto pending = all->find({RecordKind::pendingCommit}); pending != all->end()) {
    auto loaded = PendingCommit::load(pending->second, group.state_);
    if (!loaded) return fail(kDamaged);
    group.pending_ = *std::move(loaded);
  }
  return group;
}

}  // namespace qpq::mls
