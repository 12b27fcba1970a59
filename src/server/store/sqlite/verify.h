#pragma once

#include "server/bulk/files.h"
#include "server/store/error.h"
#include "server/store/sqlite/findings.h"
#include "sql/database.h"

namespace qpq::server::store::sqlite {

// Looks through everything a store holds: the structure of each table and index, every account, device list and
// certificate, the chain of every log recomputed from its envelopes, its roster against its commits, and rows whose
// owner is gone. Changes nothing. May run on a connection of its own beside a server that works: no transaction reads
// more than kVerifyRowsMax rows, except that the structure of one table is read at a time. Damage is a finding; an
// error is a store that cannot be read at all.
// Every file that something names is read, too; while it looks, none is removed.
[[nodiscard]] Result<Findings> verify(sql::Database& database, const BlobFiles& files);

}  // namespace qpq::server::store::sqlite
