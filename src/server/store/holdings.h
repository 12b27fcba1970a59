#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "server/store/error.h"
#include "wire/types.h"

namespace qpq::server::store {

// Bytes in a file of their own that an account has uploaded, or is uploading, by their SHA-256: for one append to a
// log, or as a blob of its own.
struct Holding {
  int64_t key;  // the store's own, never used twice: an unfinished file is named by it
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
  virtual ~Holdings() = default;

  [[nodiscard]] virtual Result<std::optional<Holding>> find(const AccountId& account, const std::optional<LogId>& log,
                                                            const wire::Hash& hash) = 0;
  [[nodiscard]] virtual Result<std::optional<Holding>> at(int64_t key) = 0;
  // There is none of this account, log and hash: the caller has looked. Its key; `holding.key` counts for nothing.
  [[nodiscard]] virtual Result<int64_t> add(const Holding& holding) = 0;
  [[nodiscard]] virtual Result<void> complete(int64_t key, uint64_t untilMs) = 0;
  [[nodiscard]] virtual Result<void> keepUntil(int64_t key, uint64_t untilMs) = 0;
  [[nodiscard]] virtual Result<void> drop(int64_t key) = 0;

  // What an account holds for logs, and as blobs, whether complete or not.
  [[nodiscard]] virtual Result<Held> heldForLogs(const AccountId& account) = 0;
  [[nodiscard]] virtual Result<Held> heldAsBlobs(const AccountId& account) = 0;
  // These go over everything, as files are shared by all who name them.

  // Everything in files; what two name is counted twice.
  [[nodiscard]] virtual Result<Held> total() = 0;

  // Those whose time is over, by that time.
  [[nodiscard]] virtual Result<std::vector<Holding>> over(uint64_t nowMs, std::size_t rowsMax) = 0;
  // Every file that something names, by ascending hash from behind `after` on.
  struct Named {
    wire::Hash hash;
    uint64_t size;
  };
  [[nodiscard]] virtual Result<std::vector<Named>> named(const wire::Hash& after, std::size_t rowsMax) = 0;
  // Whether anything names this file.
  [[nodiscard]] virtual Result<bool> isNamed(const wire::Hash& hash) = 0;
  // The size of a complete blob of this hash, whosever it is.
  [[nodiscard]] virtual Result<std::optional<uint64_t>> blob(const wire::Hash& hash) = 0;
};

}  // namespace qpq::server::store
