#pragma once

#include "mls/error.h"
#include "mls/group/public_epoch.h"

// RFC 9420 §12.1: one proposal by itself, before it is stored and as it stands in a commit.
namespace qpq::mls {

// By whom and what it is: codes of checkKeyPackage(), checkReplacement(), and removeOfBlank, pskNonceLength, pskUsage,
// duplicateExtension, reInitVersion, externalInitInside, updateNotByMember, externalProposalType (§12.1.8),
// appDataInExtensions; unsupportedProposal for a type or component that the policy or some member (index: its leaf)
// does not know, unsupported for what the policy leaves out.
Result<void> checkProposal(const PublicView& view, const Proposal& proposal, const Sender& sender);

// An authentic proposal as it is kept for a commit to name. Beyond the codes above tooManyProposals, and
// conflictingProposals (leaf index) for a second SelfRemove of one member.
Result<StoredProposal> admitProposal(const PublicView& view, const AuthenticatedContent& message,
                                     const crypto::Hash32& digest);

// draft-ietf-mls-extensions §4.7: whether AppDataUpdate alone may change the dictionary of this group.
bool appDataIsGuarded(const GroupContext& context);

}  // namespace qpq::mls
