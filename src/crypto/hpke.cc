#include "crypto/hpke.h"

#include "base/try.h"
#include "crypto/hkdf.h"
#include "crypto/labelled.h"

namespace qpq::crypto {

using detail::LabelledHkdf;
using detail::twoBytes;

namespace {

constexpr ByteArray<1> kModeBase{0};

// RFC 9180 §7.2. SHA-3 has no code point in HPKE's HKDF family.
Result<uint16_t> kdfId(HashId id) {
  switch (id) {
    case HashId::sha256: return 1;
    case HashId::sha384: return 2;
    case HashId::sha512: return 3;
    case HashId::sha3_256: break;
  }
  return std::unexpected(CryptoError::refused);
}

// What both sides hold after KeyScheduleS/R in base mode (§5.1), before anything is derived from it.
class Schedule {
 public:
  Schedule(const HpkeInfo& info, ByteView sharedSecret)
      : labelled_{.hash = info.suite().kdf, .suiteId = toBytes(info.suiteId())},
        context_(info.context()),
        secret_(labelled_.extract(sharedSecret, "secret", {})) {}

  Result<SecretBytes> key(AeadId aead) const { return derive("key", aeadKeySize(aead)); }
  // Single shot: the first and only sequence number is 0, so the nonce is base_nonce itself (§5.2).
  Result<SecretBytes> nonce() const { return derive("base_nonce", kAeadNonceSize); }
  Result<SecretBytes> exported(ByteView exporterContext, std::size_t length) const;

 private:
  Result<SecretBytes> derive(std::string_view label, std::size_t length) const {
    return labelled_.expand(secret_.expose(), label, context_, length);
  }

  LabelledHkdf labelled_;
  ByteView context_;  // key_schedule_context, of the info
  SecretBytes secret_;
};

Result<SecretBytes> Schedule::exported(ByteView exporterContext, std::size_t length) const {
  SecretBytes exporterSecret = TRY(derive("exp", hashSize(labelled_.hash)));
  return labelled_.expand(exporterSecret.expose(), "sec", exporterContext, length);
}

}  // namespace

Result<HpkeInfo> HpkeInfo::of(const HpkeSuite& suite, ByteView first, ByteView rest) {
  Bytes suiteId = concat({asBytes("HPKE"), twoBytes(kemCodePoint(suite.kem)), twoBytes(TRY(kdfId(suite.kdf))),
                          twoBytes(static_cast<std::size_t>(suite.aead))});
  LabelledHkdf labelled{.hash = suite.kdf, .suiteId = suiteId};
  SecretBytes pskIdHash = labelled.extract({}, "psk_id_hash", {});
  SecretBytes infoHash = labelled.extract({}, "info_hash", first, rest);
  return HpkeInfo(suite, std::move(suiteId), concat({kModeBase, pskIdHash.expose(), infoHash.expose()}));
}

Result<HpkeCiphertext> hpkeSeal(const HpkeInfo& info, ByteView publicKey, ByteView associatedData, ByteView plaintext,
                                Random& random) {
  const HpkeSuite& suite = info.suite();
  Encapsulation made = TRY(encapsulate(suite.kem, publicKey, random));
  Schedule schedule(info, made.sharedSecret.expose());
  SecretBytes key = TRY(schedule.key(suite.aead));
  SecretBytes nonce = TRY(schedule.nonce());
  return HpkeCiphertext{
      .kemOutput = std::move(made.kemOutput),
      .ciphertext = TRY(aeadSeal(suite.aead, key.expose(), nonce.expose(), associatedData, plaintext))};
}

Result<SecretBytes> hpkeOpen(const HpkeInfo& info, ByteView privateKey, ByteView kemOutput, ByteView associatedData,
                             ByteView ciphertext) {
  const HpkeSuite& suite = info.suite();
  SecretBytes shared = TRY(decapsulate(suite.kem, privateKey, kemOutput));
  Schedule schedule(info, shared.expose());
  SecretBytes key = TRY(schedule.key(suite.aead));
  SecretBytes nonce = TRY(schedule.nonce());
  return aeadOpen(suite.aead, key.expose(), nonce.expose(), associatedData, ciphertext);
}

Result<HpkeCiphertext> hpkeSeal(const HpkeSuite& suite, ByteView publicKey, ByteView info, ByteView associatedData,
                                ByteView plaintext, Random& random) {
  return hpkeSeal(TRY(HpkeInfo::of(suite, info)), publicKey, associatedData, plaintext, random);
}

Result<SecretBytes> hpkeOpen(const HpkeSuite& suite, ByteView privateKey, ByteView kemOutput, ByteView info,
                             ByteView associatedData, ByteView ciphertext) {
  return hpkeOpen(TRY(HpkeInfo::of(suite, info)), privateKey, kemOutput, associatedData, ciphertext);
}

Result<HpkeExport> hpkeSendExport(const HpkeSuite& suite, ByteView publicKey, ByteView info, ByteView exporterContext,
                                  std::size_t length, Random& random) {
  HpkeInfo taken = TRY(HpkeInfo::of(suite, info));
  Encapsulation made = TRY(encapsulate(suite.kem, publicKey, random));
  Schedule schedule(taken, made.sharedSecret.expose());
  return HpkeExport{.kemOutput = std::move(made.kemOutput), .secret = TRY(schedule.exported(exporterContext, length))};
}

Result<SecretBytes> hpkeReceiveExport(const HpkeSuite& suite, ByteView privateKey, ByteView kemOutput, ByteView info,
                                      ByteView exporterContext, std::size_t length) {
  HpkeInfo taken = TRY(HpkeInfo::of(suite, info));
  SecretBytes shared = TRY(decapsulate(suite.kem, privateKey, kemOutput));
  Schedule schedule(taken, shared.expose());
  return schedule.exported(exporterContext, length);
}

}  // namespace qpq::crypto
