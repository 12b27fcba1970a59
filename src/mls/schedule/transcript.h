#pragma once

#include "base/bytes.h"
#include "crypto/suite.h"
#include "mls/message/framing.h"

// RFC 9420 §8.2: the running hash over all commits of a group.
namespace qpq::mls {

// Of the epoch the commit begins, up to and including the commit's signature.
Bytes confirmedTranscriptHash(const crypto::Suite& suite, ByteView interimTranscriptHashBefore,
                              const AuthenticatedContent& commit);
Bytes interimTranscriptHash(const crypto::Suite& suite, ByteView confirmedTranscriptHash, ByteView confirmationTag);

}  // namespace qpq::mls
