#pragma once

#include <string>
#include <vector>

#include "sql/database.h"
#include "sql/error.h"

namespace qpq::sql {

// Copies the database as it is at this moment into a new file under a key of its own. Writers go on meanwhile. The copy
// is one file, complete and durable on return; on an error nothing is left of it. A crash halfway leaves an empty
// database, so give it a temporary name and rename it. A path that exists is refused with cannotOpen; inside a
// Transaction it is misuse. `options` are those of the new file.
[[nodiscard]] Result<void> backup(Database& database, const std::string& path, const Key& key,
                                  const Options& options = {});

// Reads everything: the HMAC of each page in the file, then the structure and its indexes. Sentences for the operator,
// with page numbers; empty if all is well. Takes as long as reading the file. Writes the log home first, so it needs a
// connection that may write, outside a Transaction; busy if readers or a writer hold the log.
[[nodiscard]] Result<std::vector<std::string>> findDamage(Database& database);

}  // namespace qpq::sql
