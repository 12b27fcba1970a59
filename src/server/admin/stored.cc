#include "server/admin/stored.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <expected>
#include <filesystem>
#include <format>

#include "server/store/open.h"
#include "server/store/schema.h"
#include "server/store/state.h"
#include "server/store/verify.h"
#include "sql/backup.h"
#include "sql/log_damage.h"
#include "sql/transaction.h"

namespace qpq::server {

namespace {

template <class T>
using Tried = std::expected<T, AdminOutcome>;

std::unexpected<AdminOutcome> failed(std::string what) { return std::unexpected(AdminOutcome{1, what + "\n"}); }

template <class T>
Tried<T> tried(const std::string& path, sql::Result<T> result) {
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

std::string summary(const store::Findings& findings) {
  std::string text;
  for (const std::string& damage : findings.damage) text += damage + "\n";
  if (findings.unsaid != 0) text += std::format("and {} more findings\n", findings.unsaid);
  return text + std::format("{} accounts, {} devices, {} logs, {} entries: {}\n", findings.accounts, findings.devices,
                            findings.logs, findings.entries, findings.sound() ? "sound" : "DAMAGED");
}

sql::Options small(sql::Access access) { return {.access = access, .cacheKiBMax = 8'192}; }

// Pages first where nobody else works on the file; across broken ones the rest cannot be read.
Tried<store::Findings> lookThrough(const std::string& path, const sql::Key& key, Beside beside) {
  bool alone = beside == Beside::nobody;
  auto access = alone ? sql::Access::readWrite : sql::Access::readOnly;
  if (!std::filesystem::exists(path)) return failed(path + " is not there");
  if (alone) TRY(tried(path, sql::checkLog(path)));
  sql::Database database = TRY(tried(path, sql::Database::open(path, key, small(access))));
  store::Findings findings;
  if (alone) {
    for (std::string& page : TRY(tried(path, sql::findDamage(database)))) findings.add(std::move(page));
    if (!findings.sound()) return findings;
  }
  return tried(path, store::verify(database));
}

Tried<void> copySound(const std::string& from, const sql::Key& key, const std::string& to) {
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(to + ending, ignored);
  sql::Database source = TRY(tried(from, sql::Database::open(from, key, small(sql::Access::readOnly))));
  TRY(tried(to, sql::backup(source, to, key, small(sql::Access::readWrite))));
  auto findings = lookThrough(to, key, Beside::nobody);
  if (findings && findings->sound()) return {};
  std::filesystem::remove(to, ignored);
  if (!findings) return std::unexpected(findings.error());
  return std::unexpected(AdminOutcome{1, summary(*findings) + from + " is damaged: nothing was written\n"});
}

Tried<std::string> tryBackUp(const std::string& path, const sql::Key& key, const std::string& to) {
  if (std::filesystem::exists(to)) return failed(to + " is there already: name a new file");
  std::string beside = to + ".part";
  TRY(copySound(path, key, beside));
  // A file that has come into being meanwhile is not replaced either.
  TRY(system(to, ::renameat2(AT_FDCWD, beside.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE)));
  TRY(syncFolderOf(to));
  return std::format("{} is a sound copy, under the key of the store: keep that key elsewhere\n", to);
}

Tried<void> newIncarnation(const std::string& path, const sql::Key& key, uint64_t refillWindowMs, Random& random) {
  sql::Database database = TRY(tried(path, sql::Database::open(path, key, small(sql::Access::readWrite))));
  TRY(tried(path, store::migrate(database)));  // the backup may be an older version's
  return tried(path, store::beginIncarnation(database, Incarnation::random(random), refillWindowMs));
}

// What the old store's log still holds belongs to the old store: beside the new one it would be taken for its own.
Tried<void> setAside(const std::string& path, const sql::Key& key) {
  if (!std::filesystem::exists(path)) return {};
  // Closing writes the log home and removes it, if the store can be opened at all. A damaged log is kept as it is.
  if (sql::checkLog(path)) (void)sql::Database::open(path, key, small(sql::Access::readWrite));
  std::string kept = path + ".replaced";
  std::error_code ignored;
  for (const char* ending : {"", "-wal"}) std::filesystem::remove(kept + ending, ignored);
  TRY(system(kept, ::link(path.c_str(), kept.c_str())));
  if (std::filesystem::exists(path + "-wal")) {
    TRY(system(kept, ::rename((path + "-wal").c_str(), (kept + "-wal").c_str())));
  }
  std::filesystem::remove(path + "-shm", ignored);
  return {};
}

Tried<std::string> tryRestore(const std::string& backup, const std::string& path, const sql::Key& key,
                              const Restoring& restoring, Random& random) {
  bool replaces = std::filesystem::exists(path);
  if (replaces && restoring.replace == Replace::no)
    return failed(path + " is there: --force puts the backup in its place");
  if (!std::filesystem::exists(backup)) return failed(backup + " is not there");
  std::string beside = path + ".restored";
  TRY(copySound(backup, key, beside));
  TRY(newIncarnation(beside, key, restoring.refillWindowMs, random));
  TRY(setAside(path, key));
  TRY(system(path, ::rename(beside.c_str(), path.c_str())));
  TRY(syncFolderOf(path));
  return std::format("{} is restored and begins a new incarnation{}\n", path,
                     replaces ? "; the store that was there is kept as " + path + ".replaced" : "");
}

AdminOutcome outcomeOf(Tried<std::string> tried) {
  if (!tried) return std::move(tried).error();
  return {0, *std::move(tried)};
}

}  // namespace

AdminOutcome verifyStore(const std::string& path, const sql::Key& key, Beside beside) {
  auto findings = lookThrough(path, key, beside);
  if (!findings) return std::move(findings).error();
  return {findings->sound() ? 0 : 1, summary(*findings)};
}

AdminOutcome backUp(const std::string& path, const sql::Key& key, const std::string& to, Beside beside) {
  if (auto log = beside == Beside::nobody ? tried(path, sql::checkLog(path)) : Tried<void>(); !log) return log.error();
  return outcomeOf(tryBackUp(path, key, to));
}

AdminOutcome restore(const std::string& backup, const std::string& path, const sql::Key& key,
                     const Restoring& restoring, Random& random) {
  return outcomeOf(tryRestore(backup, path, key, restoring, random));
}

}  // namespace qpq::server
