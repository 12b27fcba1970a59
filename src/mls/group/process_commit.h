#pragma once

#include <optional>

#include "mls/group/commit_effects.h"
#include "mls/group/epoch_state.h"
#include "mls/group/psk_source.h"

namespace qpq::mls {

// A commit whose every rule holds, not applied yet.
struct ProcessedCommit {
  CommitEffects effects;
  ProvisionalEpoch provisional;    // the public part of the next epoch
  std::optional<EpochState> next;  // nothing if the commit removes us: its secrets are not for us
};

// RFC 9420 §12.4.2. `commit` is authentic. Whether it is valid is decided by its bytes and public state first
// (judgeCommit(), with its codes); only then the part meant for us is opened, so badPath tells a commit that may be
// valid for others. Beyond it: unknownPsk, externalInitOutput, privateKeyMismatch (an Update of ours whose keys are not
// here), confirmationTag. `view.epoch` is `before`.
Result<ProcessedCommit> processCommit(const PublicView& view, const EpochState& before,
                                      const AuthenticatedContent& commit, const PskSource& psks);

}  // namespace qpq::mls
