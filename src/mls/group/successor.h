#pragma once

#include <functional>
#include <span>
#include <vector>

#include "mls/group/policy.h"
#include "mls/key_package.h"
#include "mls/message/group_info.h"
#include "mls/message/proposal.h"
#include "mls/tree/ratchet_tree.h"

// RFC 9420 §11.2, §11.3: groups that follow another one.
namespace qpq::mls {

// Whether two credentials are of one client is the application's to say.
using SameClient = std::function<bool(const Credential&, const Credential&)>;
bool sameCredential(const Credential& a, const Credential& b);  // the same bytes

struct SuccessorOptions {
  Credential credential;
  Capabilities capabilities;
  Extensions leafExtensions;
  GroupPolicy policy;
  std::span<const Bytes> groupsJoined;
  std::vector<VerifiedKeyPackage> others;  // a fresh key package of everybody but us
  SameClient sameClient = sameCredential;
};

// §12.4.3.1: the rules for a Welcome that links to `before` by a key of usage `usage`. `reInit` is the one that ended
// `before`, if one did. successorEpoch, successorParameters, successorMembers (leaf index).
Result<void> checkSuccessor(ResumptionPSKUsage usage, const GroupContext& oldContext, const RatchetTree& oldTree,
                            const ReInit* reInit, const GroupContext& context, const RatchetTree& tree,
                            const SameClient& same);

}  // namespace qpq::mls
