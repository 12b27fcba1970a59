#include "wire/people/vault.h"

#include <cassert>

#include "base/codec.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "wire/limits.h"

namespace qpq::wire {

namespace {

constexpr crypto::AeadId kAead = crypto::AeadId::chacha20Poly1305;
constexpr std::size_t kSealedSeedSize = 32 + crypto::kAeadTagSize;

Secret<32> derive(ByteView secret, std::string_view info) {
  constexpr auto hash = crypto::HashId::sha512;
  SecretBytes pseudoRandomKey = crypto::hkdfExtract(hash, {}, secret);
  auto key = crypto::hkdfExpand(hash, pseudoRandomKey.expose(), asBytes(info), 32);
  assert(key);  // 32 bytes are always within HKDF's bound
  return Secret<32>(key->expose().first<32>());
}

Bytes associatedData(const Sealed& sealed) {
  Writer out;
  write(out, sealed.account);
  out.u64(sealed.revision);
  return std::move(out).take();
}

}  // namespace

VaultKey VaultKey::fromExportKey(ByteView exportKey) { return VaultKey(derive(exportKey, "qpq 1 vault")); }

Result<VaultKey> VaultKey::fromRecoveryKey(ByteView recoveryKey) {
  if (recoveryKey.size() < kRecoveryKeySizeMin) return fail(ErrorCode::recoveryKeyShort);
  return VaultKey(derive(recoveryKey, "qpq 1 recovery"));
}

Sealed sealSeed(const VaultKey& key, const AccountId& account, uint64_t revision, const Secret<32>& seed,
                Random& random) {
  Sealed sealed{.account = account, .revision = revision, .nonce = random.bytes<12>()};
  auto ciphertext = crypto::aeadSeal(kAead, key.expose(), sealed.nonce, associatedData(sealed), seed.expose());
  assert(ciphertext);  // key and nonce have their types' lengths
  sealed.sealed = *std::move(ciphertext);
  return sealed;
}

Result<Secret<32>> openSeed(const VaultKey& key, const Sealed& sealed) {
  if (sealed.sealed.empty()) return fail(ErrorCode::noVault);
  if (sealed.sealed.size() != kSealedSeedSize) return fail(ErrorCode::vaultSealedSize);
  auto seed = crypto::aeadOpen(kAead, key.expose(), sealed.nonce, associatedData(sealed), sealed.sealed);
  if (!seed) return fail(ErrorCode::cannotOpen);
  return Secret<32>(seed->expose().first<32>());
}

Result<void> checkVault(const Vault& vault, const AccountId& account) {
  if (vault.byPassword.account != account || vault.byRecovery.account != account) return fail(ErrorCode::otherAccount);
  const Bytes& byPassword = vault.byPassword.sealed;
  if (!byPassword.empty() && byPassword.size() != kSealedSeedSize) return fail(ErrorCode::vaultSealedSize);
  if (vault.byRecovery.sealed.size() != kSealedSeedSize) return fail(ErrorCode::vaultSealedSize);
  return {};
}

}  // namespace qpq::wire
