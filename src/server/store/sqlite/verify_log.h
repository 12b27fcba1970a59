#pragma once

#include <map>
#include <optional>
#include <set>

#include "server/bulk/files.h"
#include "server/store/logs.h"
#include "server/store/sqlite/findings.h"
#include "sql/database.h"
#include "wire/logs/envelope.h"
#include "wire/logs/roster.h"

namespace qpq::server::store::sqlite {

// One log, walked from its oldest mark to its newest entry, a bounded step at a time. What the server does to it
// meanwhile (appending, pruning) is no damage.
class LogWalk {
 public:
  LogWalk(sql::Database& database, const BlobFiles& files, LogKey log, Findings& findings);

  // Within one read transaction; whether there is more.
  [[nodiscard]] Result<bool> step();

 private:
  struct Row;
  void judge(const Log& log, const Row& row);
  void judgePlace(const Log& log, const Row& row);
  void judgeBody(const Log& log, const Row& row);
  Result<void> judgeTerms(const wire::Terms& terms, uint64_t seq);
  Result<void> judgeEnd(const Log& log);
  Result<void> judgeRoster(const Log& log);
  void found(const Log& log, std::string what);

  Result<void> loadLarge(const Log& log, Row& row);

  sql::Database& database_;
  const BlobFiles& files_;
  const LogKey key_;
  Findings& findings_;
  std::optional<wire::LogPlace> place_;  // behind the last row
  // What the roster must be: behind the last commit that is still there, and who has left since.
  std::optional<wire::Hash> rosterAfter_;
  std::set<wire::RosterEntry> left_;
  std::optional<wire::LogEnvelope> envelope_;  // of the row just judged
};

}  // namespace qpq::server::store::sqlite
