#pragma once

#include "crypto/hash.h"
#include "crypto/kem.h"

// Inside this room only: DHKEM, RFC 9180 §4.1, over each of its groups. Rooms above use kem.h.
namespace qpq::crypto::detail {

// One of the groups of RFC 9180 §7.1, as a row of a table.
struct DhGroup {
  KemId kem;
  HashId hash;  // of the KEM's own KDF, whatever the suite's is
  std::size_t privateKeySize;
  std::size_t publicKeySize;
  SecretBytes (*deriveKey)(ByteView inputKeyMaterial);  // §7.1.3
  Result<Bytes> (*publicKey)(ByteView privateKey);
  Result<SecretBytes> (*sharedPoint)(ByteView privateKey, ByteView publicKey);  // DH()
};

const DhGroup* dhGroup(KemId id);  // nullptr for a KEM that is no DHKEM

Result<Encapsulation> dhkemEncapsulate(const DhGroup& group, ByteView recipient, ByteView ephemeralKey);
Result<SecretBytes> dhkemDecapsulate(const DhGroup& group, ByteView privateKey, ByteView ephemeral);

}  // namespace qpq::crypto::detail
