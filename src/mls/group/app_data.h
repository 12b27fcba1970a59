#pragma once

#include "mls/group/proposal_list.h"

// draft-ietf-mls-extensions §4.7: what the AppDataUpdates of a commit make of the dictionary in the GroupContext.
namespace qpq::mls {

// One removal, or one update and more, per component: appDataConflict (index: place in the list).
Result<void> checkAppData(const ProposalList& proposals);

// `extensions` are those after a GroupContextExtensions. malformed if the dictionary there is none; appDataRefused
// (index: place in the list) if there is nothing to remove or the component refuses.
Result<Extensions> applyAppData(const ProposalList& proposals, Extensions extensions,
                                std::span<const AppComponent> components);

}  // namespace qpq::mls
