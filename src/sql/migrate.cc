#include "sql/migrate.h"

#include <string>

#include "base/try.h"
#include "sql/connection.h"
#include "sql/transaction.h"

namespace qpq::sql {

namespace {

// How many of the steps the file has behind it.
Result<std::size_t> versionOf(Database& database, const Schema& schema) {
  // The version first: both are written together, and one who migrates may come between the two readings.
  std::size_t version = TRY(database.one<uint32_t>("PRAGMA user_version")).value_or(0);
  uint32_t application = TRY(database.one<uint32_t>("PRAGMA application_id")).value_or(0);
  bool fresh = application == 0 && version == 0;
  if (!fresh && application != schema.applicationId) {
    return refuse(Error::Code::otherApplication, "application id " + std::to_string(application));
  }
  if (version > schema.steps.size()) {
    return refuse(Error::Code::newerSchema, "its version is " + std::to_string(version) + ", this program knows " +
                                                std::to_string(schema.steps.size()));
  }
  return version;
}

}  // namespace

Result<void> migrate(Database& database, const Schema& schema) {
  while (TRY(versionOf(database, schema)) < schema.steps.size()) {
    Transaction transaction = TRY(Transaction::begin(database));
    std::size_t version = TRY(versionOf(database, schema));  // another process may have been first
    if (version == schema.steps.size()) break;
    Connection& connection = database.connection();
    TRY(connection.run(std::string(schema.steps[version].text())));
    TRY(connection.run("PRAGMA application_id=" + std::to_string(schema.applicationId) +
                       "; PRAGMA user_version=" + std::to_string(version + 1)));
    TRY(transaction.commit());
  }
  return {};
}

}  // namespace qpq::sql
