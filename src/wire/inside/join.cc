#include "wire/inside/join.h"

#include "wire/inside/policy.h"
#include "wire/logs/roster.h"

namespace qpq::wire {

Result<void> checkJoin(const Joining& joining) {
  const CommitTerms* commit = joining.terms.commit();
  if (commit == nullptr) return fail(ErrorCode::kindDiffers);
  TRY(checkPlace(joining.terms, joining.entry));
  if (commit->newest.seq >= joining.entry.seq) return fail(ErrorCode::newestNotBelow);
  if (!commit->added.contains(joining.self)) return fail(ErrorCode::newcomerNotAdded);
  Roster roster{joining.log, joining.leaves.entries()};
  if (roster.hash() != commit->rosterAfter) return fail(ErrorCode::rosterNotLeaves);
  // A group shown in a direct log is as wrong as another pair.
  if (joining.knownPair && joining.conversation.pair != *joining.knownPair) return fail(ErrorCode::otherPair);
  return checkPair(joining.conversation, joining.leaves);
}

}  // namespace qpq::wire
