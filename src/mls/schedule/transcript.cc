#include "mls/schedule/transcript.h"

#include "crypto/hash.h"

namespace qpq::mls {

Bytes confirmedTranscriptHash(const crypto::Suite& suite, ByteView interimTranscriptHashBefore,
                              const AuthenticatedContent& commit) {
  Writer input;  // ConfirmedTranscriptHashInput
  write(input, commit.wireFormat);
  write(input, commit.content);
  input.opaque(commit.auth.signature);
  return crypto::hash(suite.hash, {interimTranscriptHashBefore, input.view()});
}

Bytes interimTranscriptHash(const crypto::Suite& suite, ByteView confirmedTranscriptHash, ByteView confirmationTag) {
  Writer input;  // InterimTranscriptHashInput
  input.opaque(confirmationTag);
  return crypto::hash(suite.hash, {confirmedTranscriptHash, input.view()});
}

}  // namespace qpq::mls
