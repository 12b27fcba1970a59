#include "client/store/people.h"

#include "client/store/stored.h"

namespace qpq::client::store {

namespace {

using Row = std::optional<std::tuple<AccountId, std::string, wire::PublicKey, std::optional<Bytes>>>;

Result<std::optional<core::KnownPerson>> personOf(Row row) {
  if (!row) return std::optional<core::KnownPerson>();
  auto& [account, name, key, list] = *row;
  core::KnownPerson person{.account = account, .name = std::move(name), .accountKey = key, .list = std::nullopt};
  if (list) {
    auto verified = wire::VerifiedDeviceList::check(TRY(stored<wire::DeviceList>(*list)));
    if (!verified) return fail(ErrorCode::profileCorrupt, "A device list in this profile is damaged.");
    person.list = *std::move(verified);
  }
  return person;
}

}  // namespace

Result<std::optional<core::KnownPerson>> People::find(const AccountId& account) {
  return personOf(TRY(database_.one<AccountId, std::string, wire::PublicKey, std::optional<Bytes>>(
      "SELECT account, name, account_key, list FROM person WHERE account = ?", account)));
}

Result<std::optional<core::KnownPerson>> People::findByName(const std::string& folded) {
  return personOf(TRY(database_.one<AccountId, std::string, wire::PublicKey, std::optional<Bytes>>(
      "SELECT account, name, account_key, list FROM person WHERE folded = ? ORDER BY id DESC LIMIT 1", folded)));
}

Result<void> People::put(const core::KnownPerson& person, const std::string& folded) {
  std::optional<Bytes> list;
  if (person.list) list = encode(person.list->list());
  // A name belongs to one account at a time: whoever bore it before is found by it no more.
  TRY(database_.execute("UPDATE person SET folded = '' WHERE folded = ? AND account <> ?", folded, person.account));
  TRY(database_.execute(
      "INSERT INTO person (account, name, folded, account_key, list) VALUES (?, ?, ?, ?, ?) ON CONFLICT (account) "
      "DO UPDATE SET name = excluded.name, folded = excluded.folded, list = coalesce(excluded.list, list)",
      person.account, person.name, folded, ByteView(person.accountKey), list));
  return {};
}

Result<void> People::meet(const AccountId& account, const wire::PublicKey& accountKey) {
  TRY(database_.execute(
      "INSERT INTO person (account, name, folded, account_key) VALUES (?, '', '', ?) ON CONFLICT (account) DO NOTHING",
      account, ByteView(accountKey)));
  return {};
}

Result<std::vector<AccountId>> People::nameless() {
  std::vector<AccountId> found;
  sql::Rows rows = TRY(database_.query("SELECT account FROM person WHERE name = '' ORDER BY id"));
  while (TRY(rows.next())) found.push_back(TRY(rows.read<AccountId>()));
  return found;
}

Result<std::string> People::nameOf(const AccountId& account) {
  auto name = TRY(database_.one<std::string>("SELECT name FROM person WHERE account = ?", account));
  if (name && !name->empty()) return *std::move(name);
  return toHex(account.view().first<4>());
}

}  // namespace qpq::client::store
