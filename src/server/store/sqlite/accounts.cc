#include "server/store/sqlite/nouns.h"

#include "server/store/row.h"

namespace qpq::server::store::sqlite {

Result<void> Accounts::add(const NewAccount& account, uint64_t nowMs) {
  const Credentials& credentials = account.credentials;
  TRY(
      database_.execute("INSERT INTO account (id, folded, name, record, ksf_memory_kib, ksf_passes, ksf_lanes, vault, "
                        "list, digest, registered_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        credentials.account, account.name.folded(), account.name.text(), credentials.record,
                        credentials.cost.memoryKib, credentials.cost.passes, credentials.cost.lanes,
                        encode(account.vault), encode(account.list), account.digest, nowMs));
  return putCertificate(account.certificate);
}

Result<std::optional<wire::Hash>> Accounts::digest(const AccountId& account) {
  return database_.one<wire::Hash>("SELECT digest FROM account WHERE id = ?", account);
}

Result<std::optional<AccountId>> Accounts::find(const wire::UserName& name) {
  return database_.one<AccountId>("SELECT id FROM account WHERE folded = ?", name.folded());
}

Result<std::optional<Person>> Accounts::person(const AccountId& account) {
  auto row = TRY((database_.one<std::string, Bytes>("SELECT name, list FROM account WHERE id = ?", account)));
  if (!row) return std::nullopt;
  auto& [name, list] = *row;
  return Person{account, std::move(name), TRY(stored<wire::DeviceList>(list))};
}

Result<std::optional<Credentials>> Accounts::credentials(const AccountId& account) {
  auto row = TRY((database_.one<SecretBytes, uint32_t, uint32_t, uint32_t>(
      "SELECT record, ksf_memory_kib, ksf_passes, ksf_lanes FROM account WHERE id = ?", account)));
  if (!row) return std::nullopt;
  auto& [record, memoryKib, passes, lanes] = *row;
  return Credentials{account, std::move(record), {memoryKib, passes, lanes}};
}

Result<std::optional<wire::Vault>> Accounts::vault(const AccountId& account) {
  auto row = TRY(database_.one<Bytes>("SELECT vault FROM account WHERE id = ?", account));
  if (!row) return std::nullopt;
  return TRY(stored<wire::Vault>(*row));
}

Result<void> Accounts::replaceVault(const Credentials& credentials, const wire::Vault& vault) {
  TRY(
      database_.execute("UPDATE account SET record = ?, ksf_memory_kib = ?, ksf_passes = ?, ksf_lanes = ?, vault = ? "
                        "WHERE id = ?",
                        credentials.record, credentials.cost.memoryKib, credentials.cost.passes, credentials.cost.lanes,
                        encode(vault), credentials.account));
  return {};
}

Result<std::optional<wire::DeviceList>> Accounts::deviceList(const AccountId& account) {
  auto row = TRY(database_.one<Bytes>("SELECT list FROM account WHERE id = ?", account));
  if (!row) return std::nullopt;
  return TRY(stored<wire::DeviceList>(*row));
}

Result<void> Accounts::replaceDeviceList(const wire::DeviceList& list) {
  TRY(database_.execute("UPDATE account SET list = ? WHERE id = ?", encode(list), list.tbs.account));
  return {};
}

Result<std::optional<wire::Certificate>> Accounts::certificate(const wire::RosterEntry& device) {
  auto row = TRY(database_.one<Bytes>("SELECT certificate FROM device WHERE account = ? AND id = ?", device.account,
                                      device.device));
  if (!row) return std::nullopt;
  return TRY(stored<wire::Certificate>(*row));
}

Result<void> Accounts::putCertificate(const wire::Certificate& certificate) {
  TRY(
      database_.execute("INSERT INTO device (account, id, certificate) VALUES (?, ?, ?) "
                        "ON CONFLICT (account, id) DO UPDATE SET certificate = excluded.certificate",
                        certificate.tbs.account, certificate.tbs.device, encode(certificate)));
  return {};
}

}  // namespace qpq::server::store::sqlite
