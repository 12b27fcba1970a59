#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "crypto/error.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

namespace qpq::crypto {

struct HpkeSuite {
  KemId kem;
  HashId kdf;
  AeadId aead;
};

// What `info` adds to every message sealed or opened under it (RFC 9180 §5.1, key_schedule_context). Whoever seals to
// many under one info takes it in once.
class HpkeInfo {
 public:
  // The info is `first` ‖ `rest`. refused for a KDF without a code point (SHA-3).
  static Result<HpkeInfo> of(const HpkeSuite& suite, ByteView first, ByteView rest = {});
  const HpkeSuite& suite() const { return suite_; }
  ByteView suiteId() const { return suiteId_; }
  ByteView context() const { return context_; }

 private:
  HpkeInfo(const HpkeSuite& suite, Bytes suiteId, Bytes context)
      : suite_(suite), suiteId_(std::move(suiteId)), context_(std::move(context)) {}
  HpkeSuite suite_;
  Bytes suiteId_;
  Bytes context_;
};

struct HpkeCiphertext {
  Bytes kemOutput;
  Bytes ciphertext;
};

// RFC 9180 base mode, single shot (§6.1). Errors are those of the KEM (kem.h) and the AEAD (aead.h); refused for a KDF
// without a code point (SHA-3).
Result<HpkeCiphertext> hpkeSeal(const HpkeSuite& suite, ByteView publicKey, ByteView info, ByteView associatedData,
                                ByteView plaintext, Random& random);
Result<HpkeCiphertext> hpkeSeal(const HpkeInfo& info, ByteView publicKey, ByteView associatedData, ByteView plaintext,
                                Random& random);
Result<SecretBytes> hpkeOpen(const HpkeInfo& info, ByteView privateKey, ByteView kemOutput, ByteView associatedData,
                             ByteView ciphertext);
Result<SecretBytes> hpkeOpen(const HpkeSuite& suite, ByteView privateKey, ByteView kemOutput, ByteView info,
                             ByteView associatedData, ByteView ciphertext);

// RFC 9180 §5.3, §6.2: the exporter of a base-mode context (MLS external init).
struct HpkeExport {
  Bytes kemOutput;
  SecretBytes secret;
};
Result<HpkeExport> hpkeSendExport(const HpkeSuite& suite, ByteView publicKey, ByteView info, ByteView exporterContext,
                                  std::size_t length, Random& random);
Result<SecretBytes> hpkeReceiveExport(const HpkeSuite& suite, ByteView privateKey, ByteView kemOutput, ByteView info,
                                      ByteView exporterContext, std::size_t length);

}  // namespace qpq::crypto
