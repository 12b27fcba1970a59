#include "sql/backup.h"

#include "base/try.h"
#include "sql/connection.h"

namespace qpq::sql {

namespace {

Result<void> writeLogHome(Connection& connection) {
  if (connection.inTransaction()) return refuse(Error::Code::misuse, "inside a transaction");
  if (sqlite3_db_readonly(connection.handle, "main") != 0) return refuse(Error::Code::readOnly, "checkpoint");
  int code = sqlite3_wal_checkpoint_v2(connection.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(connection.error(code, "checkpoint"));
  return {};
}

Result<void> copyInto(Connection& target, Connection& source) {
  sqlite3_backup* copy = sqlite3_backup_init(target.handle, "main", source.handle, "main");
  if (copy == nullptr) return std::unexpected(target.error(sqlite3_extended_errcode(target.handle), "backup"));
  sqlite3_backup_step(copy, -1);
  int code = sqlite3_backup_finish(copy);  // repeats the error of the step
  if (code != SQLITE_OK) return std::unexpected(target.error(code, "backup"));
  return writeLogHome(target);  // whoever copies the file away must not need to know of its log
}

Result<void> copyTo(Database& database, const std::string& path, const Key& key, const Options& options) {
  Database target = TRY(Database::open(path, key, options));
  return copyInto(target.connection(), database.connection());
}

}  // namespace

Result<void> backup(Database& database, const std::string& path, const Key& key, const Options& options) {
  if (database.connection().inTransaction()) return refuse(Error::Code::misuse, "backup inside a transaction");
  sqlite3_vfs* files = sqlite3_vfs_find(options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (files == nullptr) return refuse(Error::Code::misuse, "there is no such file layer");
  int exists = 0;
  files->xAccess(files, path.c_str(), SQLITE_ACCESS_EXISTS, &exists);
  if (exists != 0) return refuse(Error::Code::cannotOpen, "the file is there already (" + path + ")");
  auto copied = copyTo(database, path, key, options);
  if (!copied) {
    for (const char* ending : {"-wal", "-shm", ""}) files->xDelete(files, (path + ending).c_str(), 0);
  }
  return copied;
}

Result<std::vector<std::string>> findDamage(Database& database) {
  // SQLCipher checks the file alone. After a crash it may hold pages written by half whose whole copy is in the log:
  // that is no damage.
  TRY(writeLogHome(database.connection()));
  std::vector<std::string> found;
  Rows pages = TRY(database.query("PRAGMA cipher_integrity_check"));
  while (TRY(pages.next())) found.push_back(TRY(pages.read<std::string>()));
  if (!found.empty()) return found;  // the structure cannot be read across damaged pages
  Rows structure = TRY(database.query("PRAGMA integrity_check"));
  while (TRY(structure.next())) {
    auto finding = TRY(structure.read<std::string>());
    if (finding != "ok") found.push_back(std::move(finding));
  }
  return found;
}

}  // namespace qpq::sql
