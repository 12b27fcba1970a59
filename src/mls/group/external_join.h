#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/random.h"
#include "mls/group/commit_effects.h"
#include "mls/group/epoch_state.h"
#include "mls/group/psk_source.h"
#include "mls/message/ratchet_tree.h"

// RFC 9420 §12.4.3.2: a commit by somebody who is no member yet.
namespace qpq::mls {

struct EntryOptions {
  Credential credential;
  Capabilities capabilities;
  Extensions leafExtensions;
  GroupPolicy policy;  // of the group from then on; it must allow external commits
  std::span<const Bytes> groupsJoined;
  std::optional<RatchetTreeNodes> ratchetTree;  // where the GroupInfo does not carry it
  std::optional<LeafIndex> resync;              // the leaf of our former self, which this one replaces
  std::vector<Bytes> externalPsks;              // ids
  std::vector<ResumptionPSK> resumptionPsks;
  std::span<const ExternalPskKey> psks = {};
  std::span<const ResumptionPskKey> resumptionKeys = {};
  std::span<const Bytes> selfRemoves = {};  // public messages of this epoch: those who leave as we enter
  ByteView authenticatedData = {};
  crypto::SuiteTable suites = crypto::kSuites;  // the group's must be one of them; borrowed as long as the group lives
  Executor* executor = nullptr;
};

struct ExternalCommit {
  CommitEffects effects;
  EpochState next;
  AuthenticatedContent content;
};
// `before` is the epoch of a GroupInfo that has been checked, `externalPub` the key it carries.
Result<ExternalCommit> createExternalCommit(const PublicEpoch& before, ByteView externalPub,
                                            const crypto::SignatureKeyPair& signer, const EntryOptions& options,
                                            Random& random);

}  // namespace qpq::mls
