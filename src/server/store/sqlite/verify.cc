#include "server/store/sqlite/verify.h"

#include <array>
#include <format>
#include <limits>

#include "base/codec.h"
#include "server/limits.h"
#include "server/store/sqlite/nouns.h"
#include "server/store/sqlite/verify_log.h"
#include "sql/transaction.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/people/user_name.h"
#include "wire/people/vault.h"

namespace qpq::server::store::sqlite {

namespace {

constexpr uint64_t kStep = kVerifyRowsMax;

class Verification {
 public:
  Verification(sql::Database& database, const BlobFiles& blobs): database_(database), blobs_(blobs) {}
  Result<Findings> run();

 private:
  // Repeats a step, each time in a transaction of its own, until it has no more. Damage ends the walk, not the rest.
  template <class Step>
  Result<void> walk(std::string_view what, Step step);
  Result<void> structure(std::string_view table);
  Result<bool> accounts();
  Result<bool> devices();
  Result<bool> inbox();
  Result<bool> rights();
  Result<bool> direct();
  Result<bool> packagesSeen();
  Result<bool> files();
  Result<bool> logs();
  Result<bool> ownerless(sql::Sql query, std::string_view what, int64_t& after);
  void judgeAccount(const AccountId& id, const std::string& folded, const std::string& name, const Bytes& list,
                    const Bytes& vault);

  sql::Database& database_;
  const BlobFiles& blobs_;
  Findings findings_;
  wire::Hash file_{};
  int64_t account_ = 0;
  int64_t device_ = 0;
  int64_t log_ = 0;
  std::pair<AccountId, int64_t> inbox_{{}, std::numeric_limits<int64_t>::min()};
  std::pair<AccountId, AccountId> direct_;
  std::pair<AccountId, wire::Hash> seen_{};
  struct {
    int64_t log = std::numeric_limits<int64_t>::min();
    AccountId account;
    DeviceId device;
    uint64_t first = 0;
  } right_;
};

template <class Step>
Result<void> Verification::walk(std::string_view what, Step step) {
  for (bool goesOn = true; goesOn;) {
    auto stepped = [&]() -> Result<bool> {
      sql::Transaction view = TRY(sql::Transaction::begin(database_, sql::Transaction::Kind::read));
      return step();
    }();
    // Damage that a query meets, as against a store that cannot be read now.
    bool isDamage = !stepped && stepped.error().code == Error::Code::damaged;
    if (!stepped && !isDamage) return std::unexpected(std::move(stepped).error());
    if (!stepped) findings_.add(std::format("{}: {}", what, stepped.error().text));
    goesOn = stepped && *stepped;
  }
  return {};
}

Result<void> Verification::structure(std::string_view table) {
  return walk(std::format("table {}", table), [&]() -> Result<bool> {
    sql::Rows rows = TRY(database_.query("SELECT integrity_check FROM pragma_integrity_check(?)", table));
    while (TRY(rows.next())) {
      auto finding = TRY(rows.read<std::string>());
      if (finding != "ok") findings_.add(std::format("table {}: {}", table, finding));
    }
    return false;
  });
}

void Verification::judgeAccount(const AccountId& id, const std::string& folded, const std::string& name,
                                const Bytes& list, const Bytes& vault) {
  auto found = [&](std::string_view what) { findings_.add(std::format("account {}: {}", toHex(id.view()), what)); };
  auto parsed = wire::UserName::parse(name);
  if (!parsed || parsed->folded() != folded) found("its name is none, or is filed under another");
  auto decoded = decode<wire::DeviceList>(list);
  auto verified = decoded ? wire::VerifiedDeviceList::check(*std::move(decoded))
                          : wire::Result<wire::VerifiedDeviceList>(std::unexpected(wire::Error(decoded.error())));
  if (!verified || (*verified)->account != id) found("its device list is not one it has signed");
  auto sealed = decode<wire::Vault>(vault);
  if (!sealed || !wire::checkVault(*sealed, id)) found("its vault is damaged");
}

Result<bool> Verification::accounts() {
  sql::Rows rows = TRY(database_.query(
      "SELECT key, id, folded, name, list, vault FROM account WHERE key > ? ORDER BY key LIMIT ?", account_, kStep));
  uint64_t count = 0;
  for (; TRY(rows.next()); ++count) {
    auto [key, id, folded, name, list, vault] =
        TRY((rows.read<int64_t, AccountId, std::string, std::string, Bytes, Bytes>()));
    judgeAccount(id, folded, name, list, vault);
    account_ = key;
  }
  findings_.accounts += count;
  return count == kStep;
}

Result<bool> Verification::devices() {
  sql::Rows rows = TRY(database_.query(
      "SELECT key, account, id, certificate, EXISTS (SELECT 1 FROM account WHERE account.id = device.account) "
      "FROM device WHERE key > ? ORDER BY key LIMIT ?",
      device_, kStep));
  uint64_t count = 0;
  for (; TRY(rows.next()); ++count) {
    auto [key, account, id, encoded, hasOwner] = TRY((rows.read<int64_t, AccountId, DeviceId, Bytes, bool>()));
    auto found = [&](std::string_view what) {
      findings_.add(std::format("device {} of account {}: {}", toHex(id.view()), toHex(account.view()), what));
    };
    if (!hasOwner) found("there is no such account");
    auto certificate = wire::VerifiedCertificate::parse(encoded);
    bool fits =
        certificate && certificate->certificate().tbs.account == account && certificate->certificate().tbs.device == id;
    if (!fits) found("its certificate is not one of its account for it");
    device_ = key;
  }
  findings_.devices += count;
  return count == kStep;
}

Result<bool> Verification::inbox() {
  sql::Rows rows = TRY(database_.query(
      "SELECT account, log, EXISTS (SELECT 1 FROM account WHERE id = inbox.account), EXISTS (SELECT 1 FROM log WHERE "
      "key = inbox.log) FROM inbox WHERE (account, log) > (?, ?) ORDER BY account, log LIMIT ?",
      inbox_.first, inbox_.second, kStep));
  uint64_t count = 0;
  for (; TRY(rows.next()); ++count) {
    auto [account, log, hasAccount, hasLog] = TRY((rows.read<AccountId, int64_t, bool, bool>()));
    if (!hasAccount) findings_.add(std::format("index of account {}: there is no such account", toHex(account.view())));
    if (!hasLog) findings_.add(std::format("index of account {}: it lists a log that is gone", toHex(account.view())));
    inbox_ = {account, log};
  }
  return count == kStep;
}

Result<bool> Verification::rights() {
  sql::Rows rows = TRY(database_.query(
      "SELECT log, account, device, first, last, acked, (SELECT seq FROM log WHERE key = rights.log) FROM rights "
      "WHERE (log, account, device, first) > (?, ?, ?, ?) ORDER BY log, account, device, first LIMIT ?",
      right_.log, right_.account, right_.device, right_.first, kStep));
  uint64_t count = 0;
  for (; TRY(rows.next()); ++count) {
    auto [log, account, device, first, last, acked, newest] =
        TRY((rows.read<int64_t, AccountId, DeviceId, uint64_t, std::optional<uint64_t>, uint64_t,
                       std::optional<uint64_t>>()));
    auto found = [&](std::string_view what) {
      findings_.add(
          std::format("rights of device {} of account {}: {}", toHex(device.view()), toHex(account.view()), what));
    };
    if (!newest) found("there is no such log");
    // A stretch that was ended by a re-adding at its own first entry is empty: its last lies one below.
    bool inOrder = first >= 1 && (!last || *last + 1 >= first) && (!newest || (first <= *newest && acked <= *newest));
    if (!inOrder) found("they name entries the log does not have");
    right_ = {log, account, device, first};
  }
  return count == kStep;
}

Result<bool> Verification::direct() {
  sql::Rows rows = TRY(database_.query(
      "SELECT low, high, EXISTS (SELECT 1 FROM log WHERE id = direct.log AND pair_low = low AND pair_high = high) "
      "FROM direct WHERE (low, high) > (?, ?) ORDER BY low, high LIMIT ?",
      direct_.first, direct_.second, kStep));
  uint64_t count = 0;
  for (; TRY(rows.next()); ++count) {
    auto [low, high, fits] = TRY((rows.read<AccountId, AccountId, bool>()));
    if (!fits) {
      findings_.add(std::format("direct log of {} and {}: there is no such log of theirs", toHex(low.view()),
                                toHex(high.view())));
    }
    direct_ = {low, high};
  }
  return count == kStep;
}

Result<bool> Verification::packagesSeen() {
  sql::Rows rows = TRY(database_.query(
      "SELECT account, hash, EXISTS (SELECT 1 FROM account WHERE id = key_package_seen.account) FROM key_package_seen "
      "WHERE (account, hash) > (?, ?) ORDER BY account, hash LIMIT ?",
      seen_.first, seen_.second, kStep));
  uint64_t count = 0;
  uint64_t without = 0;
  for (; TRY(rows.next()); ++count) {
    auto [account, hash, hasOwner] = TRY((rows.read<AccountId, wire::Hash, bool>()));
    if (!hasOwner) ++without;
    seen_ = {account, hash};
  }
  if (without != 0) findings_.add(std::format("{} marks of key packages whose owner is gone", without));
  return count == kStep;
}

// One at a time: each is read to its end.
Result<bool> Verification::files() {
  auto next = TRY(Holdings(database_).named(file_, 1));
  if (next.empty()) return false;
  const Holdings::Named& named = next.front();
  file_ = named.hash;
  ++findings_.files;
  auto condition = blobs_.look(named.hash, named.size);
  auto found = [&](std::string_view what) { findings_.add(std::format("file {}: {}", toHex(named.hash), what)); };
  if (!condition) {
    found(condition.error());
  } else if (*condition == BlobFiles::Condition::missing) {
    found("it is missing");
  } else if (*condition == BlobFiles::Condition::otherSize) {
    found(std::format("it has not the {} bytes that were stored", named.size));
  } else if (*condition == BlobFiles::Condition::otherBytes) {
    found("its bytes are not those that were stored");
  }
  return true;
}

Result<bool> Verification::logs() {
  auto next = TRY(database_.one<std::optional<int64_t>>("SELECT MIN(key) FROM log WHERE key > ?", log_));
  if (!next || !*next) return false;
  log_ = **next;
  ++findings_.logs;
  return true;
}

// Rows by ascending key, each with whether it has an owner.
Result<bool> Verification::ownerless(sql::Sql query, std::string_view what, int64_t& after) {
  sql::Rows rows = TRY(database_.query(query, after, kStep));
  uint64_t count = 0;
  uint64_t without = 0;
  for (; TRY(rows.next()); ++count) {
    auto [key, hasOwner] = TRY((rows.read<int64_t, bool>()));
    if (!hasOwner) ++without;
    after = key;
  }
  if (without != 0) findings_.add(std::format("{} {} whose owner is gone", without, what));
  return count == kStep;
}

Result<Findings> Verification::run() {
  for (std::string_view table :
       {"server", "receipt_key", "account", "device", "inbox", "key_package", "key_package_seen", "key_package_taken",
        "log", "rights", "entry", "body", "direct", "holding", "large_body", "age"}) {
    TRY(structure(table));
  }
  TRY(walk("accounts", [this]() { return accounts(); }));
  TRY(walk("devices", [this]() { return devices(); }));
  TRY(walk("indexes of accounts", [this]() { return inbox(); }));
  TRY(walk("rights", [this]() { return rights(); }));
  TRY(walk("direct logs", [this]() { return direct(); }));
  TRY(walk("marks of key packages", [this]() { return packagesSeen(); }));
  TRY(walk("files", [this]() { return files(); }));
  struct Owned {
    sql::Sql query;
    std::string_view what;
  };
  for (const Owned& owned : std::initializer_list<Owned>{
           {"SELECT key, EXISTS (SELECT 1 FROM account WHERE id = key_package.account) FROM key_package WHERE key > ? "
            "ORDER BY key LIMIT ?",
            "key packages"},
           {"SELECT key, EXISTS (SELECT 1 FROM account WHERE id = key_package_taken.account) FROM key_package_taken "
            "WHERE key > ? ORDER BY key LIMIT ?",
            "remembered answers"},
           {"SELECT key, EXISTS (SELECT 1 FROM log WHERE log.key = entry.log) FROM entry WHERE key > ? ORDER BY key "
            "LIMIT ?",
            "entries"},
           {"SELECT entry, EXISTS (SELECT 1 FROM entry WHERE key = body.entry) FROM body WHERE entry > ? ORDER BY "
            "entry "
            "LIMIT ?",
            "envelopes"},
           {"SELECT entry, EXISTS (SELECT 1 FROM body WHERE entry = large_body.entry) FROM large_body WHERE entry > ? "
            "GROUP BY entry ORDER BY entry LIMIT ?",
            "large envelopes"},
           {"SELECT key, EXISTS (SELECT 1 FROM account WHERE id = holding.account) FROM holding WHERE key > ? ORDER BY "
            "key LIMIT ?",
            "uploads"}}) {
    int64_t after = 0;
    TRY(walk(owned.what, [&]() { return ownerless(owned.query, owned.what, after); }));
  }
  for (;;) {
    int64_t before = log_;
    TRY(walk("logs", [this]() -> Result<bool> {
      TRY(logs());
      return false;
    }));
    if (log_ == before) break;
    LogWalk log(database_, blobs_, LogKey{log_}, findings_);
    TRY(walk("logs", [&]() { return log.step(); }));
  }
  return std::move(findings_);
}

}  // namespace

Result<Findings> verify(sql::Database& database, const BlobFiles& files) {
  auto still = files.holdStill();
  if (!still) return std::unexpected(Error(Error::Code::failed, std::move(still).error()));
  return Verification(database, files).run();
}

}  // namespace qpq::server::store::sqlite
