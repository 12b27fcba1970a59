#pragma once

#include <functional>
#include <optional>
#include <span>

#include "mls/executor.h"
#include "mls/group/policy.h"
#include "mls/group/proposal_store.h"
#include "mls/message/group_info.h"
#include "mls/message/proposal.h"
#include "mls/tree/ratchet_tree.h"

namespace qpq::mls {

// What everybody may know of one epoch: enough to judge every handshake of it, and to read none that is sealed.
struct PublicEpoch {
  GroupContext context;
  RatchetTree tree;
  Bytes interimTranscriptHash;
  std::optional<ReInit> reInit;  // the commit that began this epoch ended the group (RFC 9420 §11.2)

  const crypto::Suite& suite() const { return tree.suite(); }
};

// draft-ietf-mls-extensions §4.7: a component of the application, and what its updates make of its data. `before` is
// nullptr if there was none; nothing as the result refuses the updates. Members must decide alike, so the function
// looks at nothing but its arguments.
struct AppComponent {
  ComponentId id{};
  std::function<std::optional<Bytes>(const Bytes* before, std::span<const Bytes> updates)> apply;
};
AppComponent replacedByLast(ComponentId id);  // an update is the new data

// What a message of the epoch is judged against. Borrowed.
struct PublicView {
  const PublicEpoch& epoch;
  const ProposalStore& proposals;
  const GroupPolicy& policy;
  std::span<const AppComponent> components = {};
  Executor* executor = nullptr;
};

// RFC 9420 §12.4.1, §12.4.2: the new epoch between the tree its commit makes and the secrets it derives. `context` is
// the provisional GroupContext: the old confirmed transcript hash beside the new tree hash.
struct ProvisionalEpoch {
  GroupContext context;
  RatchetTree tree;
  std::optional<ReInit> reInit = {};
};
ProvisionalEpoch provisionalEpoch(const PublicEpoch& before, RatchetTree tree, Extensions extensions);

// The public half of beginning an epoch; `commit` bears its confirmation tag.
PublicEpoch publicEpochAfter(const PublicEpoch& before, ProvisionalEpoch next, const AuthenticatedContent& commit);

}  // namespace qpq::mls
