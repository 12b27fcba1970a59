#include "mls/group/public_group.h"

#include "mls/framing/content.h"
#include "mls/group/check_proposal.h"
#include "mls/group/epoch_records.h"
#include "mls/group/group_info.h"
#include "mls/group/judge_commit.h"
#include "mls/group/sender.h"
#include "mls/schedule/transcript.h"

namespace qpq::mls {
namespace {

constexpr uint8_t kVersion = 1;

// RecordKind::group of an observer.
struct Header {
  uint8_t version = 0;
  uint16_t suite = 0;
  GroupPolicy policy;
  static constexpr auto fields() { return std::tuple{&Header::version, &Header::suite, &Header::policy}; }
};

}  // namespace

Result<PublicGroup> PublicGroup::observe(const GroupInfo& groupInfo, ObserverOptions options) {
  const GroupContext& context = groupInfo.groupContext;
  const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(context.cipherSuite));
  if (suite == nullptr) return fail(ErrorCode::unknownSuite);
  RatchetTree tree = TRY(treeOf(*suite, groupInfo, std::move(options.ratchetTree)));
  TRY(checkGroupInfo(tree, groupInfo));
  Bytes interim = interimTranscriptHash(*suite, context.confirmedTranscriptHash, groupInfo.confirmationTag);
  return PublicGroup({context, std::move(tree), std::move(interim), std::nullopt}, std::move(options.policy));
}

Result<PublicGroup::Received> PublicGroup::receive(ByteView message, std::span<const AppComponent> components) const {
  if (epoch_.reInit) return fail(ErrorCode::groupReinitialized);
  MLSMessage decoded = TRY(decode<MLSMessage>(message));
  const auto* shown = decoded.as<PublicMessage>();
  if (shown == nullptr) return fail(ErrorCode::wrongWireFormat);
  const FramedContent& content = shown->content;
  if (content.content.as<ApplicationData>() != nullptr) return fail(ErrorCode::applicationNotEncrypted);
  if (content.groupId != groupId()) return fail(ErrorCode::wrongGroup);
  if (content.epoch != epoch()) {
    return fail(content.epoch < epoch() ? ErrorCode::pastEpoch : ErrorCode::futureEpoch);
  }
  TRY(checkSender(policy_, content));
  AuthenticatedContent authentic{WireFormat::publicMessage, content, shown->auth};
  TRY(verifyContent(suite(), TRY(signatureKeyOf(epoch_, content)), authentic, encode(epoch_.context)));

  PublicView view{epoch_, proposals_, policy_, components};
  if (content.content.type() == ContentType::proposal) {
    StoredProposal stored = TRY(admitProposal(view, authentic, crypto::sha256(message)));
    return StagedProposal(std::move(stored), epoch_.interimTranscriptHash);
  }
  JudgedCommit judged = TRY(judgeCommit(view, authentic));
  PublicEpoch next = publicEpochAfter(epoch_, std::move(judged.provisional), authentic);
  return StagedCommit(std::move(judged.effects), std::move(next), epoch_.interimTranscriptHash);
}

Result<void> PublicGroup::apply(StagedProposal proposal) {
  if (proposal.transcript_ != epoch_.interimTranscriptHash) return fail(ErrorCode::staleTransition);
  proposals_.put(std::move(proposal.proposal_));
  return {};
}

Result<CommitEffects> PublicGroup::apply(StagedCommit commit) {
  if (commit.transcript_ != epoch_.interimTranscriptHash) return fail(ErrorCode::staleTransition);
  epoch_ = std::move(commit.next_);
  proposals_ = {};
  return std::move(commit.effects_);
}

std::vector<Record> PublicGroup::save() const {
  std::vector<Record> records;
  auto put = [&](RecordKey key, SecretBytes value) { records.push_back({encode(key), std::move(value)}); };
  put({RecordKind::group}, encodeSecret(Header{kVersion, suite().id, policy_}));
  put({RecordKind::epoch}, encodeSecret(epoch_.context));
  for (NodeIndex at : tree().present()) put({RecordKind::node, at.value}, *nodeRecord(tree(), at));
  for (const RecordKey& key : proposals_.keys()) put(key, *proposals_.record(key));
  if (epoch_.reInit) put({RecordKind::reInit}, encodeSecret(*epoch_.reInit));
  put({RecordKind::transcript}, SecretBytes(epoch_.interimTranscriptHash));
  return records;
}

namespace {

struct Parts {
  std::optional<Header> header;
  EpochParts epoch;
  ProposalStore proposals;
  std::optional<ReInit> reInit;
  Bytes transcript;

  Decoded<void> read(const RecordKey& key, ByteView value) {
    switch (key.kind) {
      case RecordKind::group: header = TRY(decode<Header>(value)); return {};
      case RecordKind::epoch: epoch.context = TRY(decode<GroupContext>(value)); return {};
      case RecordKind::node: return epoch.readNode({key.a}, value);
      case RecordKind::proposal: return proposals.restore(key, value);
      case RecordKind::reInit: reInit = TRY(decode<ReInit>(value)); return {};
      case RecordKind::transcript: transcript = toBytes(value); return {};
      default: return Reader(value).fail(DecodeError::Code::unknownValue);
    }
  }
};

}  // namespace

Result<PublicGroup> PublicGroup::load(std::span<const Record> records) {
  Parts parts;
  for (const Record& record : records) {
    auto key = decode<RecordKey>(record.key);
    if (!key || !parts.read(*key, record.value.expose())) return fail(ErrorCode::damagedState);
  }
  const crypto::Suite* suite = parts.header ? crypto::findSuite(parts.header->suite) : nullptr;
  if (suite == nullptr || parts.header->version != kVersion || parts.transcript.empty()) {
    return fail(ErrorCode::damagedState);
  }
  RatchetTree tree = TRY(parts.epoch.takeTree(*suite));
  PublicGroup group(
      {std::move(parts.epoch.context), std::move(tree), std::move(parts.transcript), std::move(parts.reInit)},
      std::move(parts.header->policy));
  group.proposals_ = std::move(parts.proposals);
  return group;
}

}  // namespace qpq::mls
