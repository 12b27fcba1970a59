#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/framing/padding.h"
#include "mls/message/framing.h"
#include "mls/schedule/key_schedule.h"

// RFC 9420 §6.3: signed content sealed under a key that is used once.
namespace qpq::mls {

// Seals `message` with the ratchet key of `generation`. The sender of the content is the member at `leaf`.
struct SealOptions {
  ByteView senderDataSecret;
  LeafIndex leaf;
  Generation generation;
  const AeadKey& key;
  Padding padding = Padding::padme;
};
Result<PrivateMessage> sealPrivate(const crypto::Suite& suite, AuthenticatedContent message, const SealOptions& options,
                                   Random& random);

// §6.3.2: who sent the message and with which key. Only a member of the epoch can have written it, but nothing is
// signed yet. decryptionFailed if it is not of this epoch's members.
Result<SenderData> openSenderData(const crypto::Suite& suite, ByteView senderDataSecret, const PrivateMessage& message);

// §6.3.1. decryptionFailed if `key` is not the message's or anything of it was changed; malformed if the content or its
// padding is. The signature is for the caller to check (verifyContent) before any of it means something.
Result<AuthenticatedContent> openPrivate(const crypto::Suite& suite, const PrivateMessage& message,
                                         const SenderData& senderData, const AeadKey& key);

// The key and nonce under which sender data travels beside `ciphertext`.
AeadKey senderDataKey(const crypto::Suite& suite, ByteView senderDataSecret, ByteView ciphertext);

}  // namespace qpq::mls
