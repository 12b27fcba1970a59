#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::server::store {

// Bytes in a file of their own that an account has uploaded, or is uploading, by their SHA-256: for one append to a
// log, or as a blob of its own.
struct Holding {
  int64_t key;  // never used twice: an unfinished file is named by it
  AccountId account;
  std::optional<LogId> log;  // nothing: a blob
  wire::Hash hash;
  uint64_t size;
  bool complete;
  uint64_t untilMs;  // then it is swept

  bool operator==(const Holding&) const = default;
};

struct Held {
  uint64_t bytes = 0;  // announced ones: an upload under way has its place already
  uint64_t files = 0;

  bool operator==(const Held&) const = default;
};

// Who holds which files. A file is kept while a complete holding or an entry of a log names it. Shard key: account.
class Holdings {
 public:
  explicit Holdings(sql::Database& database): database_(database) {}

  [[nodiscard]] sql::Result<std::optional<Holding>> find(const AccountId& account, const std::optional<LogId>& log,
                                                         const wire::Hash& hash);
  [[nodiscard]] sql::Result<std::optional<Holding>> at(int64_t key);
  // There is none of this account, log and hash: the caller has looked. Its key; `holding.key` counts for nothing.
  [[nodiscard]] sql::Result<int64_t> add(const Holding& holding);
  [[nodiscard]] sql::Result<void> complete(int64_t key, uint64_t untilMs);
  [[nodiscard]] sql::Result<void> keepUntil(int64_t key, uint64_t untilMs);
  [[nodiscard]] sql::Result<void> drop(int64_t key);

  // What an account holds for logs, and as blobs.
  [[nodiscard]] sql::Result<Held> heldForLogs(const AccountId& account);
  [[nodiscard]] sql::Result<Held> heldAsBlobs(const AccountId& account);
  // Everything in files, of everybody; what two hold is counted twice.
  [[nodiscard]] sql::Result<Held> total();

  [[nodiscard]] sql::Result<std::vector<Holding>> over(uint64_t nowMs, std::size_t rowsMax);
  // Every file that something names, by ascending hash from behind `after` on.
  struct Named {
    wire::Hash hash;
    uint64_t size;
  };
  [[nodiscard]] sql::Result<std::vector<Named>> named(const wire::Hash& after, std::size_t rowsMax);
  // Whether anything names this file.
  [[nodiscard]] sql::Result<bool> isNamed(const wire::Hash& hash);
  // The size of a complete blob of this hash, whosever it is.
  [[nodiscard]] sql::Result<std::optional<uint64_t>> blob(const wire::Hash& hash);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
