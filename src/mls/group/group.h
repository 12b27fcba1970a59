#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/random.h"
#include "mls/framing/content.h"
#include "mls/group/create_commit.h"
#include "mls/group/epoch_state.h"
#include "mls/group/external_join.h"
#include "mls/group/pending_commit.h"
#include "mls/group/process_commit.h"
#include "mls/group/successor.h"
#include "mls/group/welcome.h"
#include "mls/key_package.h"
#include "mls/record.h"

// RFC 9420 as one member lives it. A Group is a value that computes: messages go in and come out as bytes, time and
// randomness are passed in, and what must survive leaves as records (record.h). An error leaves it as it was, to the
// last bit of save().
//
// Nothing that changes the group takes effect by being received: a proposal or commit comes back staged, shows what it
// would do, and is applied or dropped. An own commit waits inside the group until its place in the order is known.
namespace qpq::mls {

struct GroupOptions {
  Bytes groupId;
  Credential credential;
  Capabilities capabilities;
  Lifetime lifetime{.notBefore = 0, .notAfter = UINT64_MAX};  // of a leaf that lives until the first commit
  Extensions leafExtensions;
  Extensions groupContextExtensions;
  GroupPolicy policy;
  std::span<const Bytes> groupsJoined;  // ids of the groups this client is in: none of them is begun or joined again
};

class Group;

struct JoinOptions {
  GroupPolicy policy;
  std::span<const Bytes> groupsJoined;
  std::optional<RatchetTreeNodes> ratchetTree;  // where the Welcome does not carry it
  std::span<const ExternalPskKey> psks;
  std::span<const ResumptionPskKey> resumptionPsks = {};
  const Group* predecessor = nullptr;  // the group a ReInit or branch comes from (§11.2, §11.3); borrowed
  SameClient sameClient = sameCredential;
  crypto::SuiteTable suites = crypto::kSuites;  // the group's must be one of them; borrowed as long as the group lives
  Executor* executor = nullptr;
};

struct ReceiveOptions {
  std::span<const ExternalPskKey> psks;
  std::span<const ResumptionPskKey> resumptionPsks = {};
  std::span<const AppComponent> components = {};
  Executor* executor = nullptr;
};

struct ApplicationMessage {
  Epoch epoch;
  Member sender;  // as it stood when it sent this
  Bytes authenticatedData;
  Bytes data;
  bool operator==(const ApplicationMessage&) const = default;
};

// A proposal that is valid by itself. apply() keeps it for a commit to name.
class StagedProposal {
 public:
  const StoredProposal& proposal() const { return proposal_; }
  bool isOwn() const { return proposal_.state == ProposalState::sent; }  // sent by us and now read back

 private:
  friend class Group;
  StagedProposal(StoredProposal proposal, std::optional<StagedKey> key, uint64_t revision)
      : proposal_(std::move(proposal)), key_(std::move(key)), revision_(revision) {}
  StoredProposal proposal_;
  std::optional<StagedKey> key_;
  uint64_t revision_;
};

// A commit that is valid by the RFC. apply() begins the next epoch; to drop it is to refuse it.
class StagedCommit {
 public:
  const CommitEffects& effects() const { return processed_.effects; }
  bool removesUs() const { return !processed_.next; }
  // Of the next epoch.
  std::vector<Member> members() const { return membersOf(processed_.provisional.tree); }
  // Nothing: blank.
  std::optional<LeafNode> leaf(LeafIndex index) const { return processed_.provisional.tree.leaf(index); }
  const Extensions& extensions() const { return processed_.provisional.context.extensions; }

 private:
  friend class Group;
  StagedCommit(ProcessedCommit processed, Bytes transcriptBefore)
      : processed_(std::move(processed)), transcriptBefore_(std::move(transcriptBefore)) {}
  ProcessedCommit processed_;
  Bytes transcriptBefore_;
};

// The echo of the pending commit: merge() it, if this is its place.
struct OwnCommit {
  crypto::Hash32 digest;
};

enum class Membership : uint8_t { member = 1, removed = 2 };
constexpr bool isKnown(Membership v) { return v == Membership::member || v == Membership::removed; }

using Received = std::variant<ApplicationMessage, StagedProposal, StagedCommit, OwnCommit>;

struct JoinedGroup;
struct EnteredGroup;

class Group {
 public:
  // A group of one, in epoch 0. `suite` must outlive the group (findSuite(), kProductSuite). groupExists; the codes of
  // validateTree() if the options do not fit together.
  static Result<Group> create(const crypto::Suite& suite, const crypto::SignatureKeyPair& signer, GroupOptions options,
                              Random& random);
  // RFC 9420 §12.4.3.1. The private keys stay with the caller, to be deleted when the group is durable.
  static Result<JoinedGroup> join(const Welcome& welcome, const KeyPackage& keyPackage,
                                  const KeyPackagePrivateKeys& privateKeys, ByteView signatureKey, JoinOptions options);

  // RFC 9420 §12.4.3.2: enters without being added, by a commit of one's own; the policy in `options` must allow it.
  // unknownSuite, groupExists, externalPubMissing, unsupported, the codes of checkGroupInfo() and judgeCommit().
  static Result<EnteredGroup> enter(const GroupInfo& groupInfo, const crypto::SignatureKeyPair& signer,
                                    EntryOptions options, Random& random);
  // RFC 9420 §11.2, after a ReInit was committed: its successor in epoch 0, whose pending commit adds all the others
  // and is merged at once. `signer` is of the successor's suite. successorMembers, groupNotReinitialized,
  // unknownSuite, and the codes of create() and commit().
  Result<Group> reinitialize(const crypto::SignatureKeyPair& signer, SuccessorOptions options, Random& random) const;
  // RFC 9420 §11.3: likewise a group of some of our members. successorMembers if somebody is none.
  Result<Group> branch(Bytes groupId, Extensions groupContextExtensions, const crypto::SignatureKeyPair& signer,
                       SuccessorOptions options, Random& random) const;

  Group(Group&&) noexcept = default;
  Group& operator=(Group&&) noexcept = default;

  // --- who and where we are
  const crypto::Suite& suite() const { return state_.suite(); }
  const Bytes& groupId() const { return state_.context.groupId; }
  Epoch epoch() const { return state_.context.epoch; }
  const GroupContext& context() const { return state_.context; }
  const Extensions& extensions() const { return state_.context.extensions; }
  const GroupPolicy& policy() const { return policy_; }
  void setPolicy(GroupPolicy policy);  // for what is received from now on
  LeafIndex ownLeaf() const { return state_.ownLeaf(); }
  // Once false, what is told of the group is the last epoch we were in, and every secret is gone.
  bool isMember() const { return membership_ == Membership::member; }
  std::vector<Member> members() const { return membersOf(state_.tree); }
  std::optional<LeafNode> leaf(LeafIndex index) const { return state_.tree.leaf(index); }  // nothing: blank
  template <std::same_as<Sender> S>
  std::optional<LeafNode> leaf(const S& sender) const {  // nothing: no member, or none any more
    const auto* member = sender.template as<MemberSender>();
    return member != nullptr ? leaf(member->leafIndex) : std::nullopt;
  }
  const RatchetTree& tree() const { return state_.tree; }
  // RFC 9420 §8.7; the same for all members of an epoch. Empty once we have been removed.
  ByteView epochAuthenticator() const { return state_.secrets.epochAuthenticator.expose(); }
  // RFC 9420 §8.5. removedFromGroup, cryptoFailure (length).
  Result<SecretBytes> exportSecret(std::string_view label, ByteView context, std::size_t length) const;
  // draft-ietf-mls-extensions §4.4: once per component and epoch, then its key material is gone. secretExported,
  // removedFromGroup.
  Result<SecretBytes> safeExportSecret(ComponentId component);
  // RFC 9420 §8.6: of this epoch or a past one still kept. unknownPsk, removedFromGroup.
  Result<SecretBytes> resumptionPsk(Epoch epoch) const;
  // RFC 9420 §12.4.3, for the current epoch. removedFromGroup, duplicateExtension.
  Result<GroupInfo> groupInfo(Extensions extensions, TreePlace tree = TreePlace::outOfBand) const;
  // With external_pub: whoever has it can enter, as far as the policy of the members goes.
  Result<GroupInfo> openGroupInfo(Extensions extensions, TreePlace tree = TreePlace::inlined) const;
  // Set once a ReInit was committed: nothing can be sent or received here any more, and the successor is this.
  const ReInit* reInit() const { return state_.reInit ? &*state_.reInit : nullptr; }

  // --- sending: encoded MLSMessages
  // proposalsPending: a proposal was received, so the next thing to send is a commit (§12.4).
  Result<Bytes> protect(ByteView data, ByteView authenticatedData, Random& random);
  // Kept as `sent`; it counts once it has been read back and applied. The codes of checkProposal();
  // conflictingProposals for a second SelfRemove in one epoch, privateKeyMismatch for an Update (proposeUpdate()).
  Result<Bytes> propose(Proposal proposal, ByteView authenticatedData, Random& random,
                        WireFormat wireFormat = WireFormat::privateMessage,
                        std::span<const AppComponent> components = {});
  // RFC 9420 §12.1.2: a fresh leaf of our own, which counts from the epoch on whose commit names it.
  Result<Bytes> proposeUpdate(const LeafChanges& changes, ByteView authenticatedData, Random& random,
                              WireFormat wireFormat = WireFormat::privateMessage);
  // Forgets an own proposal that was not sent after all. unknownProposalRef if there is none, or it was read back.
  Result<void> withdraw(const ProposalRef& ref);
  // The own proposals that have not been read back. Borrowed.
  std::vector<const StoredProposal*> sentProposals() const { return proposals_.sent(); }
  std::vector<const StoredProposal*> proposals() const { return proposals_.received(); }  // borrowed

  // --- committing
  Result<CommitPreview> preview(const CommitPlan& plan) const;
  // commitPending if another own commit is undecided. The result is pending(): borrowed until merge() or discard().
  Result<const PendingCommit*> commit(const CommitPlan& plan, CommitOptions options, Random& random,
                                      std::span<const ExternalPskKey> psks = {});
  const PendingCommit* pending() const { return pending_ ? &*pending_ : nullptr; }
  // Begins the epoch of the pending commit. noCommitPending if `digest` is not its.
  Result<CommitEffects> merge(const crypto::Hash32& digest);
  void discard();  // the pending commit, if there is one

  // --- receiving
  // An application message takes effect at once: its key is used up. The rest comes back staged and changes nothing.
  // wrongGroup, pastEpoch, futureEpoch, ownMessage, messageSignature, badPath and the codes of the parts.
  Result<Received> receive(const MLSMessage& message, const ReceiveOptions& options = {});
  Result<Received> receive(ByteView message, const ReceiveOptions& options = {});
  // staleTransition if the group has changed since the transition was staged.
  Result<void> apply(StagedProposal proposal);
  Result<CommitEffects> apply(StagedCommit commit);
  // So many messages of this epoch were pruned unread: senders may be as much further ahead. Ends with the epoch.
  void tellGap(uint32_t messages);

  // --- keeping
  std::vector<Record> save() const;  // everything, by ascending key
  // What changed since it was last taken, or since load(); after create() and join() everything. If it cannot be
  // written, the group in memory is ahead of the one on disk: load that one.
  Delta takeDelta();
  // damagedState if the records are not what save() gave, or of a suite that is none of `suites` (borrowed).
  static Result<Group> load(std::span<const Record> records, crypto::SuiteTable suites = crypto::kSuites);

 private:
  struct Authentic;  // a message whose sender is known for sure

  Group(EpochState state, GroupPolicy policy): state_(std::move(state)), policy_(std::move(policy)) {}

  Result<void> checkMember() const;
  Result<void> checkActive() const;  // a member of a group that goes on
  RatchetWindow window() const;
  PublicView view(std::span<const AppComponent> components, Executor* executor = nullptr) const {
    return {state_, proposals_, policy_, components, executor};
  }
  PskSource pskSource(std::span<const ExternalPskKey> external, std::span<const ResumptionPskKey> resumption) const;

  // group.cc: sending
  Result<AuthenticatedContent> sign(WireFormat wireFormat, Content content, ByteView authenticatedData) const;
  Result<Bytes> seal(AuthenticatedContent content, const StagedKey& key, Random& random) const;
  Result<Bytes> show(AuthenticatedContent content) const;
  struct Sent {
    Bytes message;
    ProposalRef ref;
  };
  Result<Sent> send(Proposal proposal, ByteView authenticatedData, Random& random, WireFormat wireFormat,
                    std::span<const AppComponent> components);
  Result<void> makePending(const CommitPlan& plan, CommitOptions options, const PskSource& psks, Random& random);

  // successor.cc
  std::vector<PredecessorPsk> links() const;
  Result<Group> succeed(const crypto::Suite& suite, ResumptionPSKUsage usage, GroupOptions options,
                        const crypto::SignatureKeyPair& signer, CommitPlan plan, Random& random) const;

  // group_receive.cc
  Result<Received> receive(const MLSMessage& message, ByteView encoded, const ReceiveOptions& options);
  Result<void> checkPlace(const Bytes& groupId, Epoch epoch) const;
  Result<Authentic> open(const PrivateMessage& message) const;
  Result<Authentic> open(const PublicMessage& message) const;
  std::optional<Received> ownEcho(ByteView encoded) const;
  Result<Received> stage(Authentic message, ByteView encoded, const ReceiveOptions& options);
  Result<StagedProposal> stageProposal(Authentic message, ByteView encoded, const ReceiveOptions& options) const;
  Result<StagedCommit> stageCommit(const Authentic& message, const ReceiveOptions& options) const;

  // group_records.cc: every change of state goes through these
  void use(StagedKey key);
  void keep(StoredProposal proposal);
  void await(std::optional<PendingCommit> pending);
  void begin(EpochState next);
  void forgetSecrets();  // after our removal
  void touch(std::span<const RecordKey> keys);
  std::vector<RecordKey> recordKeys() const;
  std::vector<RecordKey> epochKeys() const;  // without the ratchet tree's
  std::optional<SecretBytes> record(const RecordKey& key) const;
  Decoded<void> restore(const RecordKey& key, ByteView value);

  EpochState state_;
  GroupPolicy policy_;
  Membership membership_ = Membership::member;
  ProposalStore proposals_;
  uint32_t allowance_ = 0;
  std::map<Epoch, SecretBytes> pastResumptionPsks_;
  std::optional<PendingCommit> pending_;
  std::set<RecordKey> dirty_;  // what takeDelta() has to say
  uint64_t revision_ = 0;      // of this object: a transition staged before a change must not be applied after it
};

struct JoinedGroup {
  Group group;
  LeafIndex adder;                 // who made the commit that added us
  Extensions groupInfoExtensions;  // signed by the adder; without ratchet_tree
};

// The group as it stands once the commit has its place: keep it, send the commit, and use it from then on. If another
// commit took the place, drop it and begin again with a newer GroupInfo.
struct EnteredGroup {
  Group group;
  Bytes commit;  // an encoded MLSMessage, public: who enters has no key to seal with
  CommitEffects effects;
};

}  // namespace qpq::mls
