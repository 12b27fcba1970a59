#pragma once

#include "server/store/contract/calls_test.h"
#include "server/store/tables.h"

// Each noun of another engine, call by call.
namespace qpq::server::store::contract {

class FaultyAccounts final: public Accounts {
 public:
  FaultyAccounts(Accounts& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<void> add(const NewAccount& account, uint64_t nowMs) override {
    return calls_.pass([&] { return inner_.add(account, nowMs); });
  }
  Result<std::optional<wire::Hash>> digest(const AccountId& account) override {
    return calls_.pass([&] { return inner_.digest(account); });
  }
  Result<std::optional<AccountId>> find(const wire::UserName& name) override {
    return calls_.pass([&] { return inner_.find(name); });
  }
  Result<std::optional<Person>> person(const AccountId& account) override {
    return calls_.pass([&] { return inner_.person(account); });
  }
  Result<std::optional<Credentials>> credentials(const AccountId& account) override {
    return calls_.pass([&] { return inner_.credentials(account); });
  }
  Result<std::optional<wire::Vault>> vault(const AccountId& account) override {
    return calls_.pass([&] { return inner_.vault(account); });
  }
  Result<void> replaceVault(const Credentials& credentials, const wire::Vault& vault) override {
    return calls_.pass([&] { return inner_.replaceVault(credentials, vault); });
  }
  Result<std::optional<wire::DeviceList>> deviceList(const AccountId& account) override {
    return calls_.pass([&] { return inner_.deviceList(account); });
  }
  Result<void> replaceDeviceList(const wire::DeviceList& list) override {
    return calls_.pass([&] { return inner_.replaceDeviceList(list); });
  }
  Result<std::optional<wire::Certificate>> certificate(const wire::RosterEntry& device) override {
    return calls_.pass([&] { return inner_.certificate(device); });
  }
  Result<void> putCertificate(const wire::Certificate& certificate) override {
    return calls_.pass([&] { return inner_.putCertificate(certificate); });
  }

 private:
  Accounts& inner_;
  Calls& calls_;
};

class FaultyDirect final: public Direct {
 public:
  FaultyDirect(Direct& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<std::optional<LogId>> find(const Pair& pair) override {
    return calls_.pass([&] { return inner_.find(pair); });
  }
  Result<void> put(const Pair& pair, const LogId& log) override {
    return calls_.pass([&] { return inner_.put(pair, log); });
  }

 private:
  Direct& inner_;
  Calls& calls_;
};

class FaultyHoldings final: public Holdings {
 public:
  FaultyHoldings(Holdings& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<std::optional<Holding>> find(const AccountId& account, const std::optional<LogId>& log,
                                      const wire::Hash& hash) override {
    return calls_.pass([&] { return inner_.find(account, log, hash); });
  }
  Result<std::optional<Holding>> at(int64_t key) override {
    return calls_.pass([&] { return inner_.at(key); });
  }
  Result<int64_t> add(const Holding& holding) override {
    return calls_.pass([&] { return inner_.add(holding); });
  }
  Result<void> complete(int64_t key, uint64_t untilMs) override {
    return calls_.pass([&] { return inner_.complete(key, untilMs); });
  }
  Result<void> keepUntil(int64_t key, uint64_t untilMs) override {
    return calls_.pass([&] { return inner_.keepUntil(key, untilMs); });
  }
  Result<void> drop(int64_t key) override {
    return calls_.pass([&] { return inner_.drop(key); });
  }
  Result<Held> heldForLogs(const AccountId& account) override {
    return calls_.pass([&] { return inner_.heldForLogs(account); });
  }
  Result<Held> heldAsBlobs(const AccountId& account) override {
    return calls_.pass([&] { return inner_.heldAsBlobs(account); });
  }
  Result<Held> total() override {
    return calls_.pass([&] { return inner_.total(); });
  }
  Result<std::vector<Holding>> over(uint64_t nowMs, std::size_t rowsMax) override {
    return calls_.pass([&] { return inner_.over(nowMs, rowsMax); });
  }
  Result<std::vector<Named>> named(const wire::Hash& after, std::size_t rowsMax) override {
    return calls_.pass([&] { return inner_.named(after, rowsMax); });
  }
  Result<bool> isNamed(const wire::Hash& hash) override {
    return calls_.pass([&] { return inner_.isNamed(hash); });
  }
  Result<std::optional<uint64_t>> blob(const wire::Hash& hash) override {
    return calls_.pass([&] { return inner_.blob(hash); });
  }

 private:
  Holdings& inner_;
  Calls& calls_;
};

class FaultyInbox final: public Inbox {
 public:
  FaultyInbox(Inbox& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<uint64_t> touch(const AccountId& account, LogKey log) override {
    return calls_.pass([&] { return inner_.touch(account, log); });
  }
  Result<bool> lists(const AccountId& account, LogKey log) override {
    return calls_.pass([&] { return inner_.lists(account, log); });
  }
  Result<uint64_t> newest(const AccountId& account) override {
    return calls_.pass([&] { return inner_.newest(account); });
  }
  Result<uint64_t> size(const AccountId& account) override {
    return calls_.pass([&] { return inner_.size(account); });
  }
  Result<std::vector<InboxEntry>> read(const AccountId& account, uint64_t since, std::size_t entriesMax) override {
    return calls_.pass([&] { return inner_.read(account, since, entriesMax); });
  }

 private:
  Inbox& inner_;
  Calls& calls_;
};

class FaultyInvites final: public Invites {
 public:
  FaultyInvites(Invites& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<void> add(const Invite& invite) override {
    return calls_.pass([&] { return inner_.add(invite); });
  }
  Result<std::optional<Invite>> find(const wire::Hash& hash) override {
    return calls_.pass([&] { return inner_.find(hash); });
  }
  Result<bool> hasPrefix(std::string_view prefix) override {
    return calls_.pass([&] { return inner_.hasPrefix(prefix); });
  }
  Result<void> use(const wire::Hash& hash) override {
    return calls_.pass([&] { return inner_.use(hash); });
  }
  Result<std::vector<Invite>> all() override {
    return calls_.pass([&] { return inner_.all(); });
  }
  Result<uint64_t> count() override {
    return calls_.pass([&] { return inner_.count(); });
  }
  Result<bool> drop(std::string_view prefix) override {
    return calls_.pass([&] { return inner_.drop(prefix); });
  }
  Result<void> dropExpired(Instant by) override {
    return calls_.pass([&] { return inner_.dropExpired(by); });
  }

 private:
  Invites& inner_;
  Calls& calls_;
};

class FaultyKeyPackages final: public KeyPackages {
 public:
  FaultyKeyPackages(KeyPackages& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<bool> seen(const AccountId& account, const wire::Hash& package) override {
    return calls_.pass([&] { return inner_.seen(account, package); });
  }
  Result<void> add(const wire::RosterEntry& device, const KeptPackage& package) override {
    return calls_.pass([&] { return inner_.add(device, package); });
  }
  Result<void> replaceLastResort(const wire::RosterEntry& device, const KeptPackage& package) override {
    return calls_.pass([&] { return inner_.replaceLastResort(device, package); });
  }
  Result<PackageCount> count(const wire::RosterEntry& device, uint64_t nowMs) override {
    return calls_.pass([&] { return inner_.count(device, nowMs); });
  }
  Result<std::optional<TakenPackage>> take(const wire::RosterEntry& device, uint64_t nowMs) override {
    return calls_.pass([&] { return inner_.take(device, nowMs); });
  }
  Result<void> removeAll(const wire::RosterEntry& device) override {
    return calls_.pass([&] { return inner_.removeAll(device); });
  }
  Result<std::optional<Bytes>> answer(const AccountId& account, const wire::RosterEntry& taker,
                                      const RequestId& request) override {
    return calls_.pass([&] { return inner_.answer(account, taker, request); });
  }
  Result<void> remember(const AccountId& account, const wire::RosterEntry& taker, const RequestId& request,
                        ByteView answer, uint64_t nowMs) override {
    return calls_.pass([&] { return inner_.remember(account, taker, request, answer, nowMs); });
  }
  Result<void> removeOneTime() override {
    return calls_.pass([&] { return inner_.removeOneTime(); });
  }
  Result<uint64_t> sweep(uint64_t nowMs, uint64_t takenBeforeMs, std::size_t rowsMax) override {
    return calls_.pass([&] { return inner_.sweep(nowMs, takenBeforeMs, rowsMax); });
  }

 private:
  KeyPackages& inner_;
  Calls& calls_;
};

class FaultyLogs final: public Logs {
 public:
  FaultyLogs(Logs& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<std::optional<Log>> find(const LogId& log) override {
    return calls_.pass([&] { return inner_.find(log); });
  }
  Result<Log> at(LogKey key) override {
    return calls_.pass([&] { return inner_.at(key); });
  }
  Result<void> add(const NewLog& log, uint64_t nowMs) override {
    return calls_.pass([&] { return inner_.add(log, nowMs); });
  }
  Result<void> succeed(const LogId& log, const LogId& successor) override {
    return calls_.pass([&] { return inner_.succeed(log, successor); });
  }
  Result<void> append(Log& log, const NewEntry& entry) override {
    return calls_.pass([&] { return inner_.append(log, entry); });
  }
  Result<void> setAppendToken(LogKey log, ByteView tokenHash) override {
    return calls_.pass([&] { return inner_.setAppendToken(log, tokenHash); });
  }
  Result<std::optional<EntryMark>> markOf(LogKey log, const EntryId& entry) override {
    return calls_.pass([&] { return inner_.markOf(log, entry); });
  }
  Result<std::optional<EntryMark>> markAt(LogKey log, uint64_t seq) override {
    return calls_.pass([&] { return inner_.markAt(log, seq); });
  }
  Result<std::optional<EntryMark>> markOfLarge(LogKey log, const wire::Hash& envelope) override {
    return calls_.pass([&] { return inner_.markOfLarge(log, envelope); });
  }
  Result<std::optional<LargeBody>> large(LogKey log, uint64_t seq, BodyPart part) override {
    return calls_.pass([&] { return inner_.large(log, seq, part); });
  }
  Result<std::vector<Entry>> read(LogKey log, uint64_t first, uint64_t last, uint64_t welcomeAt, std::size_t entriesMax,
                                  std::size_t bytesMax) override {
    return calls_.pass([&] { return inner_.read(log, first, last, welcomeAt, entriesMax, bytesMax); });
  }
  Result<std::optional<uint64_t>> lastOlder(const Log& log, uint64_t beforeMs) override {
    return calls_.pass([&] { return inner_.lastOlder(log, beforeMs); });
  }
  Result<std::vector<wire::Hash>> prune(Log& log, uint64_t seq, uint64_t nowMs) override {
    return calls_.pass([&] { return inner_.prune(log, seq, nowMs); });
  }
  Result<uint64_t> begunBetween(const AccountId& creator, uint64_t afterMs, uint64_t untilMs) override {
    return calls_.pass([&] { return inner_.begunBetween(creator, afterMs, untilMs); });
  }
  Result<std::vector<LogKey>> withOlder(uint64_t beforeMs, std::size_t logsMax) override {
    return calls_.pass([&] { return inner_.withOlder(beforeMs, logsMax); });
  }
  Result<uint64_t> forgetMarks(uint64_t beforeMs, std::size_t rowsMax) override {
    return calls_.pass([&] { return inner_.forgetMarks(beforeMs, rowsMax); });
  }

 private:
  Logs& inner_;
  Calls& calls_;
};

class FaultyRightsTable final: public RightsTable {
 public:
  FaultyRightsTable(RightsTable& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<std::optional<wire::Rights>> find(LogKey log, const wire::RosterEntry& device) override {
    return calls_.pass([&] { return inner_.find(log, device); });
  }
  Result<std::optional<Next>> next(LogKey log, const wire::RosterEntry& device, uint64_t after) override {
    return calls_.pass([&] { return inner_.next(log, device, after); });
  }
  Result<bool> holdsAccount(LogKey log, const AccountId& account) override {
    return calls_.pass([&] { return inner_.holdsAccount(log, account); });
  }
  Result<wire::Roster> roster(const Log& log) override {
    return calls_.pass([&] { return inner_.roster(log); });
  }
  Result<void> put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights) override {
    return calls_.pass([&] { return inner_.put(log, device, rights); });
  }
  Result<bool> acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq) override {
    return calls_.pass([&] { return inner_.acknowledge(log, device, seq); });
  }
  Result<std::optional<uint64_t>> firstNeeded(LogKey log) override {
    return calls_.pass([&] { return inner_.firstNeeded(log); });
  }
  Result<void> forgetUpTo(LogKey log, uint64_t seq) override {
    return calls_.pass([&] { return inner_.forgetUpTo(log, seq); });
  }

 private:
  RightsTable& inner_;
  Calls& calls_;
};

class FaultyState final: public State {
 public:
  FaultyState(State& inner, Calls& calls): inner_(inner), calls_(calls) {}

  Result<std::optional<ServerState>> read() override {
    return calls_.pass([&] { return inner_.read(); });
  }
  Result<void> make(const ServerState& state) override {
    return calls_.pass([&] { return inner_.make(state); });
  }
  Result<std::vector<ReceiptKeySeed>> receiptKeys() override {
    return calls_.pass([&] { return inner_.receiptKeys(); });
  }
  Result<void> addReceiptKey(const ReceiptKeySeed& key) override {
    return calls_.pass([&] { return inner_.addReceiptKey(key); });
  }
  Result<void> beginIncarnation(const Incarnation& incarnation, uint64_t refillWindowMs) override {
    return calls_.pass([&] { return inner_.beginIncarnation(incarnation, refillWindowMs); });
  }
  Result<RefillWindow> refillWindow(Instant now) override {
    return calls_.pass([&] { return inner_.refillWindow(now); });
  }
  Result<std::optional<Instant>> age() override {
    return calls_.pass([&] { return inner_.age(); });
  }
  Result<void> setAge(Instant age) override {
    return calls_.pass([&] { return inner_.setAge(age); });
  }
  Result<void> probe() override {
    return calls_.pass([&] { return inner_.probe(); });
  }

 private:
  State& inner_;
  Calls& calls_;
};

struct FaultyNouns {
  FaultyNouns(Tables& inner, Calls& calls)
      : accounts(inner.accounts, calls),
        direct(inner.direct, calls),
        holdings(inner.holdings, calls),
        inbox(inner.inbox, calls),
        invites(inner.invites, calls),
        keyPackages(inner.keyPackages, calls),
        logs(inner.logs, calls),
        rights(inner.rights, calls),
        state(inner.state, calls) {}

  FaultyAccounts accounts;
  FaultyDirect direct;
  FaultyHoldings holdings;
  FaultyInbox inbox;
  FaultyInvites invites;
  FaultyKeyPackages keyPackages;
  FaultyLogs logs;
  FaultyRightsTable rights;
  FaultyState state;
  Tables tables{accounts, direct, holdings, inbox, invites, keyPackages, logs, rights, state};
};

}  // namespace qpq::server::store::contract
