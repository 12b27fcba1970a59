#include "server/admin/stored.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <expected>
#include <filesystem>
#include <format>

#include "server/limits.h"
#include "server/store/sqlite/connection.h"
#include "server/store/sqlite/schema.h"
#include "server/store/sqlite/verify.h"
#include "sql/backup.h"
#include "sql/log_damage.h"
#include "sql/transaction.h"

namespace qpq::server {

namespace {

template <class T>
using Tried = std::expected<T, AdminOutcome>;

std::unexpected<AdminOutcome> failed(std::string what) { return std::unexpected(AdminOutcome{1, what + "\n"}); }

template <class T, class Error>
Tried<T> tried(const std::string& path, std::expected<T, Error> result) {
  if (!result) return failed(std::format("{}: {}", path, result.error().text));
  if constexpr (!std::is_void_v<T>) {
    return *std::move(result);
  } else {
    return {};
  }
}

Tried<void> system(const std::string& path, int result) {
  if (result != 0) return failed(std::format("{}: {}", path, std::strerror(errno)));
  return {};
}

Tried<void> syncFolderOf(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int result = fd < 0 ? -1 : ::fsync(fd);
  if (fd >= 0) ::close(fd);
  return system(path, result);
}

std::string summary(const store::sqlite::Findings& findings) {
  std::string text;
  for (const std::string& damage : findings.damage) text += damage + "\n";
  if (findings.unsaid != 0) text += std::format("and {} more findings\n", findings.unsaid);
  return text + std::format("{} accounts, {} devices, {} logs, {} entries, {} files: {}\n", findings.accounts,
                            findings.devices, findings.logs, findings.entries, findings.files,
                            findings.sound() ? "sound" : "DAMAGED");
}

sql::Options small(sql::Access access) { return {.access = access, .cacheKiBMax = 8'192}; }

template <class T>
Tried<T> triedFile(FileResult<T> result) {
  if (!result) return failed(std::move(result).error());
  if constexpr (!std::is_void_v<T>) {
    return *std::move(result);
  } else {
    return {};
  }
}

// Pages first where nobody else works on the file; across broken ones the rest cannot be read.
Tried<store::sqlite::Findings> lookThrough(const StorePlace& store, const sql::Key& key, Beside beside) {
  const std::string& path = store.database;
  bool alone = beside == Beside::nobody;
  auto access = alone ? sql::Access::readWrite : sql::Access::readOnly;
  if (!std::filesystem::exists(path)) return failed(path + " is not there");
  if (alone) TRY(tried(path, sql::checkLog(path)));
  sql::Database database = TRY(tried(path, sql::Database::open(path, key, small(access))));
  store::sqlite::Findings findings;
  if (alone) {
    for (std::string& page : TRY(tried(path, sql::findDamage(database)))) findings.add(std::move(page));
    if (!findings.sound()) return findings;
  }
  return tried(path, store::sqlite::verify(database, BlobFiles(store.blobs)));
}

// What the copied database names. A file that is missing is found when the copy is looked through.
Tried<void> copyFiles(const StorePlace& from, const sql::Key& key, const StorePlace& to) {
  sql::Database database =
      TRY(tried(to.database, sql::Database::open(to.database, key, small(sql::Access::readWrite))));
  TRY(tried(to.database, store::sqlite::migrate(database)));  // it may be of an earlier version's store
  BlobFiles source(from.blobs);
  wire::Hash after{};
  for (;;) {
    auto named = TRY(tried(to.database, store::sqlite::Holdings(database).named(after, kSweepFilesMax)));
    if (named.empty()) return {};
    for (const auto& file : named) {
      if (std::filesystem::exists(source.pathOf(file.hash))) {
        TRY(triedFile(source.copyTo(BlobFiles(to.blobs), file.hash)));
      }
    }
    after = named.back().hash;
  }
}

void removeStore(const StorePlace& store) {
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(store.database + ending, ignored);
  std::filesystem::remove_all(store.blobs, ignored);
}

Tried<void> copySound(const StorePlace& from, const sql::Key& key, const StorePlace& to) {
  removeStore(to);
  OpenFile still = TRY(triedFile(BlobFiles(from.blobs).holdStill()));
  {
    sql::Database source =
        TRY(tried(from.database, sql::Database::open(from.database, key, small(sql::Access::readOnly))));
    TRY(tried(to.database, sql::backup(source, to.database, key, small(sql::Access::readWrite))));
  }
  TRY(copyFiles(from, key, to));
  auto findings = lookThrough(to, key, Beside::nobody);
  if (findings && findings->sound()) return {};
  removeStore(to);
  if (!findings) return std::unexpected(findings.error());
  return std::unexpected(AdminOutcome{1, summary(*findings) + from.database + " is damaged: nothing was written\n"});
}

// What has come into being meanwhile is not replaced either.
Tried<void> giveName(const std::string& from, const std::string& to) {
  return system(to, ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE));
}

Tried<std::string> tryBackUp(const StorePlace& store, const sql::Key& key, const std::string& path) {
  StorePlace to = copyAt(path);
  for (const std::string& taken : {to.database, to.blobs}) {
    if (std::filesystem::exists(taken)) return failed(taken + " is there already: name a new file");
  }
  StorePlace beside = copyAt(path + ".part");
  TRY(copySound(store, key, beside));
  TRY(giveName(beside.blobs, to.blobs));
  TRY(giveName(beside.database, to.database));
  TRY(syncFolderOf(path));
  return std::format("{} is a sound copy, under the key of the store: keep that key elsewhere\n", path);
}

Tried<void> newIncarnation(const std::string& path, const sql::Key& key, uint64_t refillWindowMs, Random& random) {
  sql::Database database = TRY(tried(path, sql::Database::open(path, key, small(sql::Access::readWrite))));
  TRY(tried(path, store::sqlite::migrate(database)));  // the backup may be an older version's
  store::sqlite::Connection connection(std::move(database));
  store::Transaction transaction = TRY(tried(path, connection.write()));
  store::Tables& tables = transaction.tables();
  TRY(tried(path, tables.state.beginIncarnation(Incarnation::random(random), refillWindowMs)));
  TRY(tried(path, tables.keyPackages.removeOneTime()));
  return tried(path, transaction.commit());
}

// What the old store's log still holds belongs to the old store: beside the new one it would be taken for its own.
Tried<void> setAside(const StorePlace& store, const sql::Key& key) {
  const std::string& path = store.database;
  if (!std::filesystem::exists(path)) return {};
  // Closing writes the log home and removes it, if the store can be opened at all. A damaged log is kept as it is.
  if (sql::checkLog(path)) (void)sql::Database::open(path, key, small(sql::Access::readWrite));
  StorePlace kept = copyAt(path + ".replaced");
  removeStore(kept);
  TRY(system(kept.database, ::link(path.c_str(), kept.database.c_str())));
  if (std::filesystem::exists(path + "-wal")) {
    TRY(system(kept.database, ::rename((path + "-wal").c_str(), (kept.database + "-wal").c_str())));
  }
  std::error_code ignored;
  std::filesystem::remove(path + "-shm", ignored);
  return triedFile(BlobFiles(store.blobs).linkAllTo(BlobFiles(kept.blobs)));
}

// Files have the hash of their bytes for a name, so those of the backup go beside those that are there; what nothing
// names is swept when the server starts.
Tried<void> addFiles(const StorePlace& from, const StorePlace& to) {
  BlobFiles files(to.blobs);
  for (int64_t upload : TRY(triedFile(files.unfinished()))) files.drop(upload);
  TRY(triedFile(BlobFiles(from.blobs).linkAllTo(files)));
  std::error_code ignored;
  std::filesystem::remove_all(from.blobs, ignored);
  return {};
}

Tried<std::string> tryRestore(const std::string& backup, const StorePlace& store, const sql::Key& key,
                              const Restoring& restoring, Random& random) {
  const std::string& path = store.database;
  bool replaces = std::filesystem::exists(path);
  if (replaces && restoring.replace == Replace::no)
    return failed(path + " is there: --force puts the backup in its place");
  if (!std::filesystem::exists(backup)) return failed(backup + " is not there");
  StorePlace beside{path + ".restored", store.blobs + ".restored"};
  TRY(copySound(copyAt(backup), key, beside));
  TRY(newIncarnation(beside.database, key, restoring.refillWindowMs, random));
  TRY(setAside(store, key));
  TRY(addFiles(beside, store));
  TRY(system(path, ::rename(beside.database.c_str(), path.c_str())));
  TRY(syncFolderOf(path));
  return std::format("{} is restored and begins a new incarnation{}\n", path,
                     replaces ? "; the store that was there is kept as " + path + ".replaced" : "");
}

AdminOutcome outcomeOf(Tried<std::string> tried) {
  if (!tried) return std::move(tried).error();
  return {0, *std::move(tried)};
}

}  // namespace

AdminOutcome verifyStore(const StorePlace& store, const sql::Key& key, Beside beside) {
  auto findings = lookThrough(store, key, beside);
  if (!findings) return std::move(findings).error();
  return {findings->sound() ? 0 : 1, summary(*findings)};
}

AdminOutcome backUp(const StorePlace& store, const sql::Key& key, const std::string& to, Beside beside) {
  if (auto log = beside == Beside::nobody ? tried(store.database, sql::checkLog(store.database)) : Tried<void>(); !log)
    return log.error();
  return outcomeOf(tryBackUp(store, key, to));
}

AdminOutcome restore(const std::string& backup, const StorePlace& store, const sql::Key& key,
                     const Restoring& restoring, Random& random) {
  return outcomeOf(tryRestore(backup, store, key, restoring, random));
}

}  // namespace qpq::server
