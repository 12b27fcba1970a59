#include "client/store/schema.h"

#include <array>

namespace qpq::client::store {

namespace {

// Ids are blobs of 16 bytes, times unix ms, sequence numbers below 2^63. `conversation` rows are referred to by log.
constexpr std::array<sql::Sql, 5> kSteps{R"sql(
CREATE TABLE account (            -- one row: who this device is, or is about to be
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state INTEGER NOT NULL,         -- 1: the server may not have heard of it, 2: signed in
  name TEXT NOT NULL,
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  device_seed BLOB NOT NULL,
  certificate BLOB NOT NULL,
  list BLOB NOT NULL,             -- the newest device list of the account
  registration BLOB               -- what a retry sends again; only while state is 1
) STRICT;

CREATE TABLE server (             -- one row
  id INTEGER PRIMARY KEY CHECK (id = 1),
  address TEXT NOT NULL,
  info BLOB NOT NULL,             -- the newest ServerInfo; its identity is pinned
  index_change INTEGER NOT NULL   -- how far the account's index has been read
) STRICT;

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  account BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  account_key BLOB NOT NULL,      -- pinned
  list BLOB                       -- the newest device list seen
) STRICT;
CREATE INDEX person_folded ON person (folded);

CREATE TABLE key_package (        -- private halves
  id INTEGER PRIMARY KEY,
  ref BLOB NOT NULL UNIQUE,       -- KeyPackageRef
  body BLOB NOT NULL,
  private_keys BLOB NOT NULL,
  last_resort INTEGER NOT NULL,
  not_after_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL UNIQUE,
  state INTEGER NOT NULL,         -- store/conversations.h
  kind INTEGER NOT NULL,
  other BLOB,                     -- direct: the other account; for the notes one's own
  title BLOB NOT NULL,
  seq INTEGER NOT NULL,           -- the place: everything up to it is stored here
  head BLOB NOT NULL,
  commits INTEGER NOT NULL,
  roster BLOB NOT NULL,
  has_rights INTEGER NOT NULL,    -- there is something to read, or will be
  rights_end INTEGER NOT NULL,    -- where the server says they end; 0: they do not
  ended INTEGER NOT NULL,
  mend_since_ms INTEGER,          -- since when the roster or a leave waits for a commit of some member
  entered INTEGER NOT NULL,
  read_seq INTEGER NOT NULL,
  last_activity_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE group_record (       -- MLS state, as its deltas leave it
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  UNIQUE (log, key)
) STRICT;

CREATE TABLE entry (              -- raw, for a restored server
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  entry BLOB NOT NULL,
  envelope BLOB NOT NULL,
  welcome_hash BLOB NOT NULL,
  stored_ms INTEGER NOT NULL,
  UNIQUE (log, seq)
) STRICT;
CREATE INDEX entry_stored ON entry (stored_ms);

CREATE TABLE head (               -- the chain as computed here
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  seq INTEGER NOT NULL,
  head BLOB NOT NULL,
  UNIQUE (log, seq)
) STRICT;

CREATE TABLE attestation (        -- the newest receipt or head the server signed for a log
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL UNIQUE,
  seq INTEGER NOT NULL,
  receipt BLOB,
  head BLOB
) STRICT;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  seq INTEGER,                    -- NULL while queued
  entry BLOB NOT NULL,
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  sent_ms INTEGER NOT NULL,
  type INTEGER NOT NULL,
  body BLOB NOT NULL,
  state INTEGER NOT NULL,
  problem TEXT NOT NULL,
  UNIQUE (log, device, entry)
) STRICT;
CREATE INDEX message_place ON message (log, seq);

CREATE TABLE outbox (             -- what is wanted, in order; a row goes when it is decided
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  entry BLOB NOT NULL UNIQUE,
  wish INTEGER NOT NULL,          -- store/outbox.h
  body BLOB NOT NULL,
  commits_seen INTEGER,           -- these five: once encrypted
  envelope BLOB,
  envelope_hash BLOB,
  welcome BLOB,
  token_hash BLOB
) STRICT;
CREATE INDEX outbox_log ON outbox (log, id);
)sql",
                                         R"sql(
ALTER TABLE entry ADD COLUMN receipt BLOB;  -- where a page ended: the proof of what lies before

CREATE TABLE unconfirmed (        -- logs of which a restored server may lack entries that are held here
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL UNIQUE
) STRICT;
)sql",
                                         R"sql(
ALTER TABLE unconfirmed ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;
)sql",
                                         R"sql(
CREATE TABLE upload (             -- files on their way to the server: no message names them yet
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,          -- of the file when it was sealed first
  modified_ns INTEGER NOT NULL,
  key BLOB NOT NULL,
  hash BLOB NOT NULL,             -- of the sealed file
  length INTEGER NOT NULL,
  tags BLOB NOT NULL,             -- of its chunks
  begun_ms INTEGER NOT NULL,
  UNIQUE (log, path)
) STRICT;
)sql",
                                         R"sql(
CREATE TABLE dropped_file (       -- own messages whose file this account has let the server forget
  id INTEGER PRIMARY KEY,
  log BLOB NOT NULL,
  entry BLOB NOT NULL,
  UNIQUE (log, entry)
) STRICT;
CREATE INDEX message_file ON message (account, sent_ms) WHERE type = 2;
)sql"};

}  // namespace

const sql::Schema& profileSchema() {
  static constexpr sql::Schema kSchema{.applicationId = 0x71707031, .steps = kSteps};  // "qpp1"
  return kSchema;
}

}  // namespace qpq::client::store
