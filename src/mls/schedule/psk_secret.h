#pragma once

#include <span>

#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/message/psk.h"

namespace qpq::mls {

// A pre-shared key as it enters the key schedule. `key` is borrowed.
struct PskInput {
  PreSharedKeyID id;
  ByteView key;
};

// RFC 9420 §8.4: psk_secret of the keys in the order of their proposals; Nh zeros for none.
SecretBytes pskSecret(const crypto::Suite& suite, std::span<const PskInput> psks);

}  // namespace qpq::mls
