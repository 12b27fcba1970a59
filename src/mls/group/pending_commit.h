#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "mls/group/commit_effects.h"
#include "mls/group/epoch_state.h"

namespace qpq::mls {

// An own commit between its making and the decision of the group's order: sent perhaps, applied by nobody yet.
class PendingCommit {
 public:
  PendingCommit(Bytes message, std::optional<Bytes> welcome, CommitEffects effects, EpochState next);

  const Bytes& message() const { return message_; }                 // an encoded MLSMessage
  const std::optional<Bytes>& welcome() const { return welcome_; }  // likewise; exactly if somebody is added
  const crypto::Hash32& digest() const { return digest_; }          // SHA-256 of message(): how its echo is known
  const CommitEffects& effects() const& { return effects_; }
  std::vector<Member> members() const { return membersOf(next_.tree); }  // of the epoch it would begin
  // MLS-Exporter of the epoch it would begin.
  Result<SecretBytes> exportSecret(std::string_view label, ByteView context, std::size_t length) const;

  const EpochState& next() const& { return next_; }
  EpochState next() && { return std::move(next_); }
  CommitEffects effects() && { return std::move(effects_); }

  // One record; `before` is the group's state, of which only what does not change within an epoch is used.
  SecretBytes record(const EpochState& before) const;
  static Result<PendingCommit> load(ByteView record, const EpochState& before);

 private:
  Bytes message_;
  std::optional<Bytes> welcome_;
  crypto::Hash32 digest_;
  CommitEffects effects_;
  EpochState next_;
};

}  // namespace qpq::mls
