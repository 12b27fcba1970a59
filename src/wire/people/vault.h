#pragma once

#include <cstdint>
#include <tuple>

#include "base/random.h"
#include "base/secret.h"
#include "wire/error.h"
#include "wire/types.h"

namespace qpq::wire {

// The key that opens one half of a vault: HKDF-SHA-512 (RFC 5869; no salt) of a secret, with the purpose as info.
class VaultKey {
 public:
  static VaultKey fromExportKey(ByteView exportKey);  // OPAQUE's; info "qpq 1 vault"
  // info "qpq 1 recovery"; recoveryKeyShort below kRecoveryKeySizeMin.
  static Result<VaultKey> fromRecoveryKey(ByteView recoveryKey);

  ByteView expose() const { return key_.expose(); }

 private:
  explicit VaultKey(Secret<32> key): key_(std::move(key)) {}
  Secret<32> key_;
};

// The seed of the account key, sealed with ChaCha20-Poly1305; associated data: account ‖ u64 revision. The revision
// counts how often this half was sealed anew; the halves count apart, since a new password seals only one of them.
struct Sealed {
  AccountId account;
  uint64_t revision = 0;
  ByteArray<12> nonce{};
  Bytes sealed;

  bool operator==(const Sealed&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Sealed::account, &Sealed::revision, &Sealed::nonce, &Sealed::sealed};
  }
};

// A fresh random nonce each time: the same key may seal many revisions.
Sealed sealSeed(const VaultKey& key, const AccountId& account, uint64_t revision, const Secret<32>& seed,
                Random& random);
// noVault when nothing is sealed here; vaultSealedSize; cannotOpen.
Result<Secret<32>> openSeed(const VaultKey& key, const Sealed& sealed);

// What the server keeps for an account and cannot open. Without a vault (--no-vault) byPassword.sealed is empty.
struct Vault {
  Version version = Version::one;
  Sealed byPassword;
  Sealed byRecovery;

  bool operator==(const Vault&) const = default;
  static constexpr auto fields() { return std::tuple{&Vault::version, &Vault::byPassword, &Vault::byRecovery}; }
};

// What the server requires of a vault it is to store: otherAccount, vaultSealedSize.
Result<void> checkVault(const Vault& vault, const AccountId& account);

}  // namespace qpq::wire
