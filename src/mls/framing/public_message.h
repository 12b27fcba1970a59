#pragma once

#include "base/bytes.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/framing.h"

// RFC 9420 §6.2: signed, and authenticated to the group by a tag, but in clear.
namespace qpq::mls {

// applicationNotEncrypted for application data; wrongSenderType for a sender who is no member: those have no
// membership key.
Result<PublicMessage> protectPublic(const crypto::Suite& suite, ByteView membershipKey, AuthenticatedContent message,
                                    ByteView groupContext);
// membershipTag if the tag is not exactly the right one. The signature is for the caller to check (verifyContent).
Result<AuthenticatedContent> unprotectPublic(const crypto::Suite& suite, ByteView membershipKey, PublicMessage message,
                                             ByteView groupContext);

}  // namespace qpq::mls
