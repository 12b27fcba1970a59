#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/random.h"
#include "mls/executor.h"
#include "mls/group/commit_effects.h"
#include "mls/group/epoch_state.h"
#include "mls/group/group_info.h"
#include "mls/group/psk_source.h"
#include "mls/key_package.h"
#include "mls/message/welcome.h"

namespace qpq::mls {

// What the own leaf shall say from the next epoch on, besides the fresh encryption key every commit gives it.
struct LeafChanges {
  std::optional<Credential> credential;
  std::optional<Capabilities> capabilities;
  std::optional<Extensions> extensions;
  const crypto::SignatureKeyPair* signatureKey = nullptr;  // borrowed
};

// RFC 9420 §12.4: a path is left out only where no proposal asks for one and the own leaf stays as it is.
enum class PathChoice { always, whereRequired };

// What a commit shall do. A plan without anything else renews the author's path.
struct CommitPlan {
  std::vector<VerifiedKeyPackage> adds;
  std::vector<LeafIndex> removes;
  std::optional<Extensions> groupContextExtensions;  // all of them: what is not named is gone (§12.1.7)
  // Proposals of this epoch to commit by reference. Every SelfRemove received is committed whether named or not.
  std::vector<ProposalRef> references;
  std::vector<Bytes> externalPsks;  // ids (§8.4); whoever receives the commit or its Welcome must have the keys
  LeafChanges ownLeaf;
  std::vector<ResumptionPSK> resumptionPsks;  // of usage application, like externalPsks (§8.6)
  std::vector<Proposal> others;               // ReInit, AppDataUpdate, AppEphemeral, custom: by value, in this order
  PathChoice path = PathChoice::always;
};

// What the plan makes of the members: known before the commit, so that the commit can carry what depends on it.
struct CommitPreview {
  std::vector<Member> members;   // of the next epoch
  std::vector<LeafIndex> added;  // the leaves of the plan's adds and of Adds by reference, in the commit's order
};

struct CommitOptions {
  ByteView authenticatedData;
  Extensions groupInfoExtensions;  // for the newcomers; ratchet_tree is added to them if it is inlined
  WireFormat wireFormat = WireFormat::privateMessage;
  TreePlace tree = TreePlace::inlined;
  std::span<const ResumptionPskKey> resumptionPsks = {};
  std::span<const AppComponent> components = {};
  Executor* executor = nullptr;
};

struct NewCommit {
  AuthenticatedContent content;  // signed, with its confirmation tag; not protected yet
  CommitEffects effects;
  EpochState next;
  std::optional<Welcome> welcome;  // exactly if somebody is added
};

// RFC 9420 §12.4.1. A plan is refused with the code receivers would refuse its commit with; invalidKey if the key of a
// member or newcomer is none (for a member the index is its node: it must be removed first); duplicateExtension.
// `view.epoch` is `before`.
Result<CommitPreview> previewCommit(const PublicView& view, LeafIndex self, const CommitPlan& plan);
Result<NewCommit> createCommit(const PublicView& view, const EpochState& before, const CommitPlan& plan,
                               CommitOptions options, const PskSource& psks, Random& random);

// §8.4: a nonce makes every use of a pre-shared key another input.
PreSharedKeyID pskIdFor(const crypto::Suite& suite, decltype(PreSharedKeyID::psk) psk, Random& random);

}  // namespace qpq::mls
