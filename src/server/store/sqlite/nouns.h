#pragma once

#include "server/store/tables.h"
#include "sql/database.h"

// The nouns over one connection to a SQLCipher file. What they promise stands in server/store/NOUN.h.
namespace qpq::server::store::sqlite {

class Accounts final: public store::Accounts {
 public:
  explicit Accounts(sql::Database& database): database_(database) {}

  Result<void> add(const NewAccount& account, uint64_t nowMs) override;
  Result<std::optional<wire::Hash>> digest(const AccountId& account) override;
  Result<std::optional<AccountId>> find(const wire::UserName& name) override;
  Result<std::optional<Person>> person(const AccountId& account) override;
  Result<std::optional<Credentials>> credentials(const AccountId& account) override;
  Result<std::optional<wire::Vault>> vault(const AccountId& account) override;
  Result<void> replaceVault(const Credentials& credentials, const wire::Vault& vault) override;
  Result<std::optional<wire::DeviceList>> deviceList(const AccountId& account) override;
  Result<void> replaceDeviceList(const wire::DeviceList& list) override;
  Result<std::optional<wire::Certificate>> certificate(const wire::RosterEntry& device) override;
  Result<void> putCertificate(const wire::Certificate& certificate) override;

 private:
  sql::Database& database_;
};

class Direct final: public store::Direct {
 public:
  explicit Direct(sql::Database& database): database_(database) {}

  Result<std::optional<LogId>> find(const Pair& pair) override;
  Result<void> put(const Pair& pair, const LogId& log) override;

 private:
  sql::Database& database_;
};

class Holdings final: public store::Holdings {
 public:
  explicit Holdings(sql::Database& database): database_(database) {}

  Result<std::optional<Holding>> find(const AccountId& account, const std::optional<LogId>& log,
                                      const wire::Hash& hash) override;
  Result<std::optional<Holding>> at(int64_t key) override;
  Result<int64_t> add(const Holding& holding) override;
  Result<void> complete(int64_t key, uint64_t untilMs) override;
  Result<void> keepUntil(int64_t key, uint64_t untilMs) override;
  Result<void> drop(int64_t key) override;
  Result<Held> heldForLogs(const AccountId& account) override;
  Result<Held> heldAsBlobs(const AccountId& account) override;
  Result<Held> total() override;
  Result<std::vector<Holding>> over(uint64_t nowMs, std::size_t rowsMax) override;
  Result<std::vector<Named>> named(const wire::Hash& after, std::size_t rowsMax) override;
  Result<bool> isNamed(const wire::Hash& hash) override;
  Result<std::optional<uint64_t>> blob(const wire::Hash& hash) override;

 private:
  sql::Database& database_;
};

class Inbox final: public store::Inbox {
 public:
  explicit Inbox(sql::Database& database): database_(database) {}

  Result<uint64_t> touch(const AccountId& account, LogKey log) override;
  Result<bool> lists(const AccountId& account, LogKey log) override;
  Result<uint64_t> newest(const AccountId& account) override;
  Result<uint64_t> size(const AccountId& account) override;
  Result<std::vector<InboxEntry>> read(const AccountId& account, uint64_t since, std::size_t entriesMax) override;

 private:
  sql::Database& database_;
};

class KeyPackages final: public store::KeyPackages {
 public:
  explicit KeyPackages(sql::Database& database): database_(database) {}

  Result<bool> seen(const AccountId& account, const wire::Hash& package) override;
  Result<void> add(const wire::RosterEntry& device, const KeptPackage& package) override;
  Result<void> replaceLastResort(const wire::RosterEntry& device, const KeptPackage& package) override;
  Result<PackageCount> count(const wire::RosterEntry& device, uint64_t nowMs) override;
  Result<std::optional<TakenPackage>> take(const wire::RosterEntry& device, uint64_t nowMs) override;
  Result<void> removeAll(const wire::RosterEntry& device) override;
  Result<std::optional<Bytes>> answer(const AccountId& account, const wire::RosterEntry& taker,
                                      const RequestId& request) override;
  Result<void> remember(const AccountId& account, const wire::RosterEntry& taker, const RequestId& request,
                        ByteView answer, uint64_t nowMs) override;
  Result<void> removeOneTime() override;
  Result<uint64_t> sweep(uint64_t nowMs, uint64_t takenBeforeMs, std::size_t rowsMax) override;

 private:
  sql::Database& database_;
};

class Logs final: public store::Logs {
 public:
  explicit Logs(sql::Database& database): database_(database) {}

  Result<std::optional<Log>> find(const LogId& log) override;
  Result<Log> at(LogKey key) override;
  Result<void> add(const NewLog& log, uint64_t nowMs) override;
  Result<void> succeed(const LogId& log, const LogId& successor) override;
  Result<void> append(Log& log, const NewEntry& entry) override;
  Result<void> setAppendToken(LogKey log, ByteView tokenHash) override;
  Result<std::optional<EntryMark>> markOf(LogKey log, const EntryId& entry) override;
  Result<std::optional<EntryMark>> markAt(LogKey log, uint64_t seq) override;
  Result<std::optional<EntryMark>> markOfLarge(LogKey log, const wire::Hash& envelope) override;
  Result<std::optional<LargeBody>> large(LogKey log, uint64_t seq, BodyPart part) override;
  Result<std::vector<Entry>> read(LogKey log, uint64_t first, uint64_t last, uint64_t welcomeAt, std::size_t entriesMax,
                                  std::size_t bytesMax) override;
  Result<std::optional<uint64_t>> lastOlder(const Log& log, uint64_t beforeMs) override;
  Result<std::vector<wire::Hash>> prune(Log& log, uint64_t seq, uint64_t nowMs) override;
  Result<uint64_t> begunBetween(const AccountId& creator, uint64_t afterMs, uint64_t untilMs) override;
  Result<std::vector<LogKey>> withOlder(uint64_t beforeMs, std::size_t logsMax) override;
  Result<uint64_t> forgetMarks(uint64_t beforeMs, std::size_t rowsMax) override;

 private:
  Result<void> putLarge(int64_t entry, BodyPart part, const wire::Hash& hash, uint64_t size);
  // The column as it is, or, where it is empty, what large_body says.
  Result<Body> bodyOf(int64_t entry, BodyPart part, Bytes column);

  sql::Database& database_;
};

class RightsTable final: public store::RightsTable {
 public:
  explicit RightsTable(sql::Database& database): database_(database) {}

  Result<std::optional<wire::Rights>> find(LogKey log, const wire::RosterEntry& device) override;
  Result<std::optional<Next>> next(LogKey log, const wire::RosterEntry& device, uint64_t after) override;
  Result<bool> holdsAccount(LogKey log, const AccountId& account) override;
  Result<wire::Roster> roster(const Log& log) override;
  Result<void> put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights) override;
  Result<bool> acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq) override;
  Result<std::optional<uint64_t>> firstNeeded(LogKey log) override;
  Result<void> forgetUpTo(LogKey log, uint64_t seq) override;

 private:
  sql::Database& database_;
};

class State final: public store::State {
 public:
  explicit State(sql::Database& database): database_(database) {}

  Result<std::optional<ServerState>> read() override;
  Result<void> make(const ServerState& state) override;
  Result<std::vector<ReceiptKeySeed>> receiptKeys() override;
  Result<void> addReceiptKey(const ReceiptKeySeed& key) override;
  Result<void> beginIncarnation(const Incarnation& incarnation, uint64_t refillWindowMs) override;
  Result<RefillWindow> refillWindow(Instant now) override;
  Result<std::optional<Instant>> age() override;
  Result<void> setAge(Instant age) override;
  Result<void> probe() override;

 private:
  sql::Database& database_;
};

// All of them: one for each connection, made once.
struct Nouns {
  explicit Nouns(sql::Database& database)
      : accounts(database),
        direct(database),
        holdings(database),
        inbox(database),
        keyPackages(database),
        logs(database),
        rights(database),
        state(database) {}

  Accounts accounts;
  Direct direct;
  Holdings holdings;
  Inbox inbox;
  KeyPackages keyPackages;
  Logs logs;
  RightsTable rights;
  State state;
  Tables tables{accounts, direct, holdings, inbox, keyPackages, logs, rights, state};
};

}  // namespace qpq::server::store::sqlite
