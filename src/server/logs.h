#pragma once

#include <kj/async.h>

#include <memory>
#include <variant>
#include <vector>

#include "base/random.h"
#include "server/append.h"
#include "server/outcomes.h"
#include "server/pages.h"
#include "server/reader.h"
#include "server/refill.h"
#include "server/writer.h"

namespace qpq::server {

struct Created {};
struct LogTaken {};  // another account has a log of this id
struct LogLimit {
  uint32_t perDay;
};
using CreateOutcome = std::variant<Created, LogTaken, LogLimit>;

struct OpenedDirect {
  LogId log;
};
struct NoSuchPartner {};
using DirectOutcome = std::variant<OpenedDirect, NoSuchPartner, TooOften>;

// One log in an account's index, as one of its devices sees it.
struct IndexedLog {
  uint64_t change;
  LogId log;
  uint64_t rightsFrom = 0;  // of the newest stretch; 0: this device has none
  uint64_t rightsEnd = 0;   // 0: they have not ended
  bool hasRights = false;
  std::optional<AccountId> direct{};  // the other account of a direct log
  std::optional<LogId> successor{};
};

struct IndexPage {
  uint64_t change;  // ask again from here while `more`
  std::vector<IndexedLog> entries;
  bool more;
};

// The logs as one device uses them.
class Logs {
 public:
  Logs(StoreWriter& writer, StoreReader& reader, const ServerKeys& keys, const Clock& clock, Random& random)
      : writer_(writer), reader_(reader), keys_(keys), clock_(clock), random_(random) {}

  Answer<CreateOutcome> create(AccountId creator, LogId log);
  // The one log of this pair. `replaces` names the one to be succeeded; if it is not the current one, that is answered.
  Answer<DirectOutcome> openDirect(AccountId opener, AccountId other, std::optional<LogId> replaces);
  Answer<AppendOutcome> append(AppendRequest request);
  Answer<RefillOutcome> refill(RefillRequest request);

  Answer<ReadOutcome> read(ReadRequest request);
  Answer<std::optional<Page>> tail(LogId log, uint64_t after);
  Answer<HeadOutcome> head(wire::RosterEntry reader, LogId log, uint64_t at);
  Answer<IndexPage> index(wire::RosterEntry reader, uint64_t since);

 private:
  StoreWriter& writer_;
  StoreReader& reader_;
  const ServerKeys& keys_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace qpq::server
