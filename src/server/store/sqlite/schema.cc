#include "server/store/sqlite/schema.h"

#include <array>

#include "sql/migrate.h"

namespace qpq::server::store::sqlite {

namespace {

constexpr uint32_t kApplicationId = 0x71707153;  // "qpqS"

// Version 1. Bodies lie in a table of their own: rows with blobs in a WITHOUT ROWID table spill to whole pages
// (reference/scale.md §2c), and the marks of entries outlive their bodies. No foreign keys across shard keys.
constexpr sql::Sql kTables = R"(
CREATE TABLE server (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  incarnation BLOB NOT NULL,
  identity_seed BLOB NOT NULL,
  opaque_setup BLOB NOT NULL
) STRICT;
CREATE TABLE receipt_key (
  id INTEGER PRIMARY KEY,
  seed BLOB NOT NULL,
  from_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  folded TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  record BLOB NOT NULL,
  ksf_memory_kib INTEGER NOT NULL,
  ksf_passes INTEGER NOT NULL,
  ksf_lanes INTEGER NOT NULL,
  vault BLOB NOT NULL,
  list BLOB NOT NULL,
  digest BLOB NOT NULL,
  registered_ms INTEGER NOT NULL,
  change INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE device (
  key INTEGER PRIMARY KEY,
  account BLOB NOT NULL,
  id BLOB NOT NULL,
  certificate BLOB NOT NULL,
  UNIQUE (account, id)
) STRICT;
CREATE TABLE inbox (
  account BLOB NOT NULL,
  log INTEGER NOT NULL,
  change INTEGER NOT NULL,
  PRIMARY KEY (account, log)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_by_change ON inbox (account, change);

CREATE TABLE key_package (
  key INTEGER PRIMARY KEY,
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  last_resort INTEGER NOT NULL,
  not_after_ms INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX key_package_by_device ON key_package (account, device, last_resort, key);
CREATE INDEX key_package_by_end ON key_package (not_after_ms);
CREATE TABLE key_package_seen (
  account BLOB NOT NULL,
  hash BLOB NOT NULL,
  not_after_ms INTEGER NOT NULL,
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_package_seen_by_end ON key_package_seen (not_after_ms);
CREATE TABLE key_package_taken (
  key INTEGER PRIMARY KEY,
  account BLOB NOT NULL,
  taker BLOB NOT NULL,
  request BLOB NOT NULL,
  taken_ms INTEGER NOT NULL,
  answer BLOB NOT NULL,
  UNIQUE (account, taker, request)
) STRICT;
CREATE INDEX key_package_taken_by_time ON key_package_taken (taken_ms);

CREATE TABLE log (
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  creator BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  pair_low BLOB,
  pair_high BLOB,
  successor BLOB,
  append_token BLOB,
  seq INTEGER NOT NULL,
  head BLOB NOT NULL,
  commits INTEGER NOT NULL,
  pruned_seq INTEGER NOT NULL,
  pruned_head BLOB NOT NULL,
  pruned_commits INTEGER NOT NULL,
  pruned_ms INTEGER NOT NULL,
  oldest_ms INTEGER
) STRICT;
CREATE INDEX log_by_creator ON log (creator, created_ms);
CREATE INDEX log_by_oldest ON log (oldest_ms) WHERE oldest_ms IS NOT NULL;
CREATE TABLE rights (
  log INTEGER NOT NULL,
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER,
  acked INTEGER NOT NULL,
  PRIMARY KEY (log, account, device, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
  key INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  id BLOB NOT NULL,
  envelope_hash BLOB NOT NULL,
  welcome_hash BLOB,
  head BLOB NOT NULL,
  commits INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  UNIQUE (log, seq),
  UNIQUE (log, id)
) STRICT;
CREATE INDEX entry_by_time ON entry (time_ms);
CREATE TABLE body (
  entry INTEGER PRIMARY KEY REFERENCES entry (key),
  envelope BLOB NOT NULL,
  welcome BLOB
) STRICT;
CREATE TABLE direct (
  low BLOB NOT NULL,
  high BLOB NOT NULL,
  log BLOB NOT NULL,
  PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;
)";

// Version 2. How far the server's time has come by its own count (server/retention.h).
constexpr sql::Sql kAge = R"(
CREATE TABLE age (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  reached_ms INTEGER NOT NULL
) STRICT;
)";

// Version 3. A restored store: how long clients may first give back what the backup lacks, from its next start on.
constexpr sql::Sql kRefill = R"(
ALTER TABLE server ADD COLUMN refill_window_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server ADD COLUMN refill_until_ms INTEGER DEFAULT 0;  -- NULL: not started since
)";

// Version 4. Bytes in files of their own (bulk/files.h). A body whose column is empty lies in the file its row of
// large_body names. `holding` never uses a key twice: unfinished files are named by it.
constexpr sql::Sql kFiles = R"(
CREATE TABLE holding (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  account BLOB NOT NULL,
  log BLOB NOT NULL,
  hash BLOB NOT NULL,
  size INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  UNIQUE (account, log, hash)
) STRICT;
CREATE INDEX holding_by_hash ON holding (hash);
CREATE INDEX holding_by_end ON holding (until_ms);
CREATE TABLE large_body (
  entry INTEGER NOT NULL,
  part INTEGER NOT NULL,
  hash BLOB NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (entry, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX large_body_by_hash ON large_body (hash);
)";

constexpr std::array kSteps{kTables, kAge, kRefill, kFiles};

}  // namespace

sql::Result<void> migrate(sql::Database& database) {
  return sql::migrate(database, sql::Schema{kApplicationId, kSteps});
}

}  // namespace qpq::server::store::sqlite
