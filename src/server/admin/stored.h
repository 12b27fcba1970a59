#pragma once

#include <string>

#include "base/random.h"
#include "server/admin/outcome.h"
#include "sql/database.h"

// What can be done with a whole store, blocking. Each opens a connection of its own.
namespace qpq::server {

// A store: its database, and the folder of its files.
struct StorePlace {
  std::string database;
  std::string blobs;
};
// A copy of one.
inline StorePlace copyAt(const std::string& path) { return {path, path + ".blobs"}; }

// Whether the server that owns the store works meanwhile.
enum class Beside : uint8_t { nobody, server };

// Looks through the store; the findings, a line each. Alone it also checks every page of the file.
AdminOutcome verifyStore(const StorePlace& store, const sql::Key& key, Beside beside);

// Copies the store as it is into a new file under the same key, and its files into a folder beside it (copyAt). Looks
// through the copy, and only then gives it its name; durable when this returns. Nothing that is there is replaced.
AdminOutcome backUp(const StorePlace& store, const sql::Key& key, const std::string& to,
                    Beside beside = Beside::server);

enum class Replace : uint8_t { no, yes };
struct Restoring {
  Replace replace;
  uint64_t refillWindowMs;  // store::State::beginIncarnation
};
// Puts a backup in the place of the store and begins a new incarnation. The backup is looked through first; a store
// that is there is kept beside, under ".replaced". Nobody else has the store open: the caller holds its lock.
AdminOutcome restore(const std::string& backup, const StorePlace& store, const sql::Key& key,
                     const Restoring& restoring, Random& random);

}  // namespace qpq::server
