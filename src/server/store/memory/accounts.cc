#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

template <class Row>
std::optional<Row> copyOf(const Row* row) {
  return row != nullptr ? std::optional(*row) : std::nullopt;
}

Credentials copyOf(const Credentials& credentials) {
  return {credentials.account, credentials.record.clone(), credentials.cost};
}

}  // namespace

Result<void> Accounts::add(const NewAccount& account, uint64_t) {
  TRY(data_.mayWrite());
  const AccountId& id = account.credentials.account;
  bool isTaken = data_.accounts.find(id) != nullptr || data_.names.find(account.name.folded()) != nullptr;
  if (isTaken) return failed("the account or its name is there already");
  data_.accounts.put(id, {account.name.text(), account.digest});
  data_.names.put(account.name.folded(), id);
  data_.credentials.put(id, copyOf(account.credentials));
  data_.vaults.put(id, account.vault);
  data_.lists.put(id, account.list);
  data_.changes.put(id, 0);
  return putCertificate(account.certificate);
}

Result<std::optional<wire::Hash>> Accounts::digest(const AccountId& account) {
  const AccountRow* row = data_.accounts.find(account);
  return row != nullptr ? std::optional(row->digest) : std::nullopt;
}

Result<std::optional<AccountId>> Accounts::find(const wire::UserName& name) {
  return copyOf(data_.names.find(name.folded()));
}

Result<std::optional<Person>> Accounts::person(const AccountId& account) {
  const AccountRow* row = data_.accounts.find(account);
  if (row == nullptr) return std::nullopt;
  return Person{account, row->name, *data_.lists.find(account)};
}

Result<std::optional<Credentials>> Accounts::credentials(const AccountId& account) {
  const Credentials* credentials = data_.credentials.find(account);
  if (credentials == nullptr) return std::nullopt;
  return copyOf(*credentials);
}

Result<std::optional<wire::Vault>> Accounts::vault(const AccountId& account) {
  return copyOf(data_.vaults.find(account));
}

Result<void> Accounts::replaceVault(const Credentials& credentials, const wire::Vault& vault) {
  TRY(data_.mayWrite());
  if (data_.accounts.find(credentials.account) == nullptr) return {};
  data_.credentials.put(credentials.account, copyOf(credentials));
  data_.vaults.put(credentials.account, vault);
  return {};
}

Result<std::optional<wire::DeviceList>> Accounts::deviceList(const AccountId& account) {
  return copyOf(data_.lists.find(account));
}

Result<void> Accounts::replaceDeviceList(const wire::DeviceList& list) {
  TRY(data_.mayWrite());
  if (data_.accounts.find(list.tbs.account) != nullptr) data_.lists.put(list.tbs.account, list);
  return {};
}

Result<std::optional<wire::Certificate>> Accounts::certificate(const wire::RosterEntry& device) {
  return copyOf(data_.certificates.find(device));
}

Result<void> Accounts::putCertificate(const wire::Certificate& certificate) {
  TRY(data_.mayWrite());
  data_.certificates.put({certificate.tbs.account, certificate.tbs.device}, certificate);
  return {};
}

}  // namespace qpq::server::store::memory
