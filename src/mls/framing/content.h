#pragma once

#include "base/bytes.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/framing.h"

// RFC 9420 §6.1: who says what, in which epoch. Both wire formats carry the same signed content; `groupContext` is the
// encoded GroupContext of the message's epoch.
namespace qpq::mls {

// Signs with the sender's signature key. The confirmation tag of a commit is added later: it depends on the signature.
Result<AuthenticatedContent> signContent(const crypto::Suite& suite, crypto::Signer signer, WireFormat wireFormat,
                                         FramedContent content, ByteView groupContext);
// messageSignature if the signature is not that of `publicKey` over exactly this content, wire format and context.
Result<void> verifyContent(const crypto::Suite& suite, ByteView publicKey, const AuthenticatedContent& message,
                           ByteView groupContext);

// §5.2: how a commit refers to a proposal sent before.
ProposalRef proposalRef(const crypto::Suite& suite, const AuthenticatedContent& proposal);

}  // namespace qpq::mls
