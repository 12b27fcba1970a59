#include "mls/group/policy.h"

#include <algorithm>

namespace qpq::mls {

const CustomProposal* GroupPolicy::find(ProposalType type) const {
  auto found = std::ranges::find(customProposals, type, &CustomProposal::type);
  return found == customProposals.end() ? nullptr : &*found;
}

}  // namespace qpq::mls
