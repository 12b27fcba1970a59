#include "wire/people/vault.h"

#include "support/seeded_random.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

const Bytes kExportKey(64, 0x40);
const Bytes kRecoveryKey(16, 0x41);

Vault sampleVault() {
  test::SeededRandom random(7);
  Secret<32> seed(sample::hash(0x11));
  Vault vault;
  vault.byPassword = sealSeed(VaultKey::fromExportKey(kExportKey), sample::account(1), 3, seed, random);
  vault.byRecovery = sealSeed(VaultKey::fromRecoveryKey(kRecoveryKey).value(), sample::account(1), 1, seed, random);
  return vault;
}

TEST_CASE("a vault has its golden bytes, with and without a password") {
  Vault vault = sampleVault();
  sample::checkGolden(
      vault,
      "01"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "0000000000000003"
      "6304e695733f775322691af5"
      "30bab1bfff00c31702e2954b42165c35bdbf16dfe645dc1618d800c8424505cc42608ab3df55945eddf42b3f3475213c74"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "0000000000000001"
      "ebdfdd8ce1539ec1ac1b586c"
      "30fb57072c9fc49da48ff7817f18f27225a2d4155de7fade8411ac1cc8993968c85b6585baf4b17e8a6a843d62efcebde0");
  vault.byPassword = {.account = sample::account(1)};
  sample::checkGolden(
      vault,
      "01"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "0000000000000000"
      "000000000000000000000000"
      "00"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "0000000000000001"
      "ebdfdd8ce1539ec1ac1b586c"
      "30fb57072c9fc49da48ff7817f18f27225a2d4155de7fade8411ac1cc8993968c85b6585baf4b17e8a6a843d62efcebde0");
}

TEST_CASE("either key opens its own half and not the other") {
  Vault vault = sampleVault();
  VaultKey byPassword = VaultKey::fromExportKey(kExportKey);
  VaultKey byRecovery = VaultKey::fromRecoveryKey(kRecoveryKey).value();
  CHECK(equal(openSeed(byPassword, vault.byPassword)->expose(), sample::hash(0x11)));
  CHECK(equal(openSeed(byRecovery, vault.byRecovery)->expose(), sample::hash(0x11)));
  CHECK(refusal(openSeed(byRecovery, vault.byPassword)) == ErrorCode::cannotOpen);
  CHECK(refusal(openSeed(byPassword, vault.byRecovery)) == ErrorCode::cannotOpen);
}

TEST_CASE("one secret makes different keys for the two purposes") {
  test::SeededRandom random(7);
  Sealed sealed = sealSeed(VaultKey::fromExportKey(kRecoveryKey), sample::account(1), 1, Secret<32>(), random);
  CHECK(refusal(openSeed(VaultKey::fromRecoveryKey(kRecoveryKey).value(), sealed)) == ErrorCode::cannotOpen);
}

TEST_CASE("a half opens only as it was sealed: account, revision, nonce and every byte") {
  VaultKey key = VaultKey::fromExportKey(kExportKey);
  Sealed sealed = sampleVault().byPassword;
  Bytes bytes = encode(sealed);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    auto decoded = decode<Sealed>(changed);
    INFO(i);
    CHECK((!decoded || refusal(openSeed(key, *decoded)) == ErrorCode::cannotOpen));
  }
}

TEST_CASE("a half of another size is no sealed seed, and an empty one no vault") {
  VaultKey key = VaultKey::fromExportKey(kExportKey);
  Sealed sealed = sampleVault().byPassword;
  for (std::size_t size : {1UZ, 16UZ, 47UZ, 49UZ, 1UZ << 20}) {
    sealed.sealed.resize(size);
    CHECK(refusal(openSeed(key, sealed)) == ErrorCode::vaultSealedSize);
  }
  sealed.sealed.clear();
  CHECK(refusal(openSeed(key, sealed)) == ErrorCode::noVault);
}

TEST_CASE("sealing twice takes another nonce") {
  test::SeededRandom random(7);
  VaultKey key = VaultKey::fromExportKey(kExportKey);
  Sealed first = sealSeed(key, sample::account(1), 1, Secret<32>(), random);
  Sealed second = sealSeed(key, sample::account(1), 1, Secret<32>(), random);
  CHECK(first.nonce != second.nonce);
}

TEST_CASE("a recovery key has at least 128 bits") {
  CHECK(VaultKey::fromRecoveryKey(Bytes(16)));
  CHECK(refusal(VaultKey::fromRecoveryKey(Bytes(15))) == ErrorCode::recoveryKeyShort);
  CHECK(refusal(VaultKey::fromRecoveryKey({})) == ErrorCode::recoveryKeyShort);
}

TEST_CASE("the server stores a vault of the right account and size, with a recovery half always") {
  const Vault vault = sampleVault();
  CHECK(checkVault(vault, sample::account(1)));
  CHECK(refusal(checkVault(vault, sample::account(2))) == ErrorCode::otherAccount);
  Vault changed = vault;
  changed.byRecovery.account = sample::account(2);
  CHECK(refusal(checkVault(changed, sample::account(1))) == ErrorCode::otherAccount);
  changed = vault;
  changed.byPassword.sealed.clear();
  CHECK(checkVault(changed, sample::account(1)));
  changed.byRecovery.sealed.clear();
  CHECK(refusal(checkVault(changed, sample::account(1))) == ErrorCode::vaultSealedSize);
  changed = vault;
  changed.byPassword.sealed.push_back(0);
  CHECK(refusal(checkVault(changed, sample::account(1))) == ErrorCode::vaultSealedSize);
}

}  // namespace
}  // namespace qpq::wire
