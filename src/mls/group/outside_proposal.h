#pragma once

#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/framing.h"

// RFC 9420 §12.1.8: proposals by those who are no members. They are signed and travel in clear, as encoded MLSMessages.
namespace qpq::mls {

// Which epoch of which group a proposal is for: what everybody outside must be told to propose.
struct ProposalPlace {
  const crypto::Suite& suite;
  Bytes groupId;
  Epoch epoch;
  ByteView authenticatedData = {};
};

// By the sender at `senderIndex` of the extension external_senders. externalProposalType for a type members would not
// take from it.
Result<Bytes> proposeAsExternalSender(const ProposalPlace& place, uint32_t senderIndex, ByteView signatureKey,
                                      Proposal proposal);
// By whoever wants to be added with this key package, signed with the key of its leaf.
Result<Bytes> proposeToJoin(const ProposalPlace& place, ByteView signatureKey, KeyPackage keyPackage);

// What each kind of sender may propose at all (§12.1.8, §17.4). What a new member's commit may hold is judged as a
// whole.
bool mayPropose(SenderType sender, ProposalType proposal);

}  // namespace qpq::mls
