#include "client/store/key_packages.h"

#include "client/store/stored.h"

namespace qpq::client::store {

Result<void> KeyPackages::add(const OwnKeyPackage& own) {
  TRY(database_.execute(
      "INSERT INTO key_package (ref, body, private_keys, last_resort, not_after_ms) VALUES (?, ?, ?, ?, ?)",
      ByteView(own.ref), encode(own.keyPackage), encodeSecret(own.privateKeys), own.use, own.notAfter.unixMs));
  return {};
}

Result<std::optional<OwnKeyPackage>> KeyPackages::find(ByteView ref) {
  auto row = TRY(database_.one<Bytes, SecretBytes, Use, uint64_t>(
      "SELECT body, private_keys, last_resort, not_after_ms FROM key_package WHERE ref = ?", ref));
  if (!row) return std::optional<OwnKeyPackage>();
  auto& [body, privateKeys, use, notAfterMs] = *row;
  return OwnKeyPackage{.ref = toBytes(ref),
                       .keyPackage = TRY(stored<mls::KeyPackage>(body)),
                       .privateKeys = TRY(stored<mls::KeyPackagePrivateKeys>(privateKeys.expose())),
                       .use = use,
                       .notAfter = {notAfterMs}};
}

Result<void> KeyPackages::use(ByteView ref) {
  TRY(database_.execute("DELETE FROM key_package WHERE ref = ? AND last_resort = ?", ref, Use::once));
  return {};
}

Result<void> KeyPackages::forgetBefore(Instant notAfter) {
  TRY(database_.execute("DELETE FROM key_package WHERE not_after_ms < ?", notAfter.unixMs));
  return {};
}

}  // namespace qpq::client::store
