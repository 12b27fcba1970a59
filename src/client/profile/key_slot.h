#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "client/error.h"
#include "crypto/argon2.h"

namespace qpq::client::profile {

using DataKey = Secret<32>;  // opens the database; random, the same for the profile's whole life

// The data key under a passphrase, as it lies in `key.slot`:
//
//   struct { opaque magic[8] = "qpq slot"; uint8 version = 1; uint32 memoryKib, passes, lanes; opaque salt[16];
//            opaque nonce[12]; opaque sealed[48]; } KeySlot;
//
// Key: Argon2id(passphrase, salt) with that cost; ChaCha20-Poly1305, associated data: everything before the nonce.
inline constexpr std::size_t kKeySlotSize = 8 + 1 + 3 * 4 + 16 + 12 + 48;

// Fresh salt and nonce. badInput: an empty passphrase; internal: there is no memory for that cost, or Argon2id refuses
// it.
Result<Bytes> sealDataKey(const DataKey& key, const SecretBytes& passphrase, const crypto::Argon2Cost& cost,
                          Random& random);
// wrongPassphrase (also for a slot that was tampered with: nobody can tell), profileTooNew, profileCorrupt.
Result<DataKey> openDataKey(ByteView slot, const SecretBytes& passphrase);

}  // namespace qpq::client::profile
