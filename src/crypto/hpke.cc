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

Result<LabelledHkdf> kdf(const HpkeSuite& suite) {
  return LabelledHkdf{
      .hash = suite.kdf,
      .suiteId = concat({asBytes("HPKE"), twoBytes(kemCodePoint(suite.kem)), twoBytes(TRY(kdfId(suite.kdf))),
                         twoBytes(static_cast<std::size_t>(suite.aead))})};
}

// What both sides hold after KeyScheduleS/R in base mode (§5.1), before anything is derived from it.
struct Schedule {
  LabelledHkdf labelled;
  Bytes context;       // key_schedule_context
  SecretBytes secret;  // secret

  static Result<Schedule> make(const HpkeSuite& suite, ByteView sharedSecret, ByteView info);
  Result<SecretBytes> key(AeadId aead) const { return derive("key", aeadKeySize(aead)); }
  // Single shot: the first and only sequence number is 0, so the nonce is base_nonce itself (§5.2).
  Result<SecretBytes> nonce() const { return derive("base_nonce", kAeadNonceSize); }
  Result<SecretBytes> exported(ByteView exporterContext, std::size_t length) const;

 private:
  Result<SecretBytes> derive(std::string_view label, std::size_t length) const {
    return labelled.expand(secret.expose(), label, context, length);
  }
};

Result<Schedule> Schedule::make(const HpkeSuite& suite, ByteView sharedSecret, ByteView info) {
  LabelledHkdf labelled = TRY(kdf(suite));
  SecretBytes pskIdHash = labelled.extract({}, "psk_id_hash", {});
  SecretBytes infoHash = labelled.extract({}, "info_hash", info);
  Bytes context = concat({kModeBase, pskIdHash.expose(), infoHash.expose()});
  SecretBytes secret = labelled.extract(sharedSecret, "secret", {});
  return Schedule{.labelled = std::move(labelled), .context = std::move(context), .secret = std::move(secret)};
}

Result<SecretBytes> Schedule::exported(ByteView exporterContext, std::size_t length) const {
  SecretBytes exporterSecret = TRY(derive("exp", hashSize(labelled.hash)));
  return labelled.expand(exporterSecret.expose(), "sec", exporterContext, length);
}

}  // namespace

Result<HpkeCiphertext> hpkeSeal(const HpkeSuite& suite, ByteView publicKey, ByteView info, ByteView associatedData,
                                ByteView plaintext, Random& random) {
  Encapsulation made = TRY(encapsulate(suite.kem, publicKey, random));
  Schedule schedule = TRY(Schedule::make(suite, made.sharedSecret.expose(), info));
  SecretBytes key = TRY(schedule.key(suite.aead));
  SecretBytes nonce = TRY(schedule.nonce());
  return HpkeCiphertext{
      .kemOutput = std::move(made.kemOutput),
      .ciphertext = TRY(aeadSeal(suite.aead, key.expose(), nonce.expose(), associatedData, plaintext))};
}

Result<SecretBytes> hpkeOpen(const HpkeSuite& suite, ByteView privateKey, ByteView kemOutput, ByteView info,
                             ByteView associatedData, ByteView ciphertext) {
  SecretBytes shared = TRY(decapsulate(suite.kem, privateKey, kemOutput));
  Schedule schedule = TRY(Schedule::make(suite, shared.expose(), info));
  SecretBytes key = TRY(schedule.key(suite.aead));
  SecretBytes nonce = TRY(schedule.nonce());
  return aeadOpen(suite.aead, key.expose(), nonce.expose(), associatedData, ciphertext);
}

Result<HpkeExport> hpkeSendExport(const HpkeSuite& suite, ByteView publicKey, ByteView info, ByteView exporterContext,
                                  std::size_t length, Random& random) {
  Encapsulation made = TRY(encapsulate(suite.kem, publicKey, random));
  Schedule schedule = TRY(Schedule::make(suite, made.sharedSecret.expose(), info));
  return HpkeExport{.kemOutput = std::move(made.kemOutput), .secret = TRY(schedule.exported(exporterContext, length))};
}

Result<SecretBytes> hpkeReceiveExport(const HpkeSuite& suite, ByteView privateKey, ByteView kemOutput, ByteView info,
                                      ByteView exporterContext, std::size_t length) {
  SecretBytes shared = TRY(decapsulate(suite.kem, privateKey, kemOutput));
  Schedule schedule = TRY(Schedule::make(suite, shared.expose(), info));
  return schedule.exported(exporterContext, length);
}

}  // namespace qpq::crypto
