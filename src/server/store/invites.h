#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::server::store {

// What is kept of an invite code: never the code itself.
struct Invite {
  wire::Hash hash;
  std::string prefix;  // by which its operator knows it again
  uint32_t usesLeft;
  Instant until;  // from then on it is expired
};

// Invite codes of registrations, by their hash. Shard key: hash. They are few, and whoever lists them asks every shard.
class Invites {
 public:
  explicit Invites(sql::Database& database): database_(database) {}

  // Hash and prefix are free: the caller has looked. `unique` otherwise.
  [[nodiscard]] sql::Result<void> add(const Invite& invite);
  [[nodiscard]] sql::Result<std::optional<Invite>> find(const wire::Hash& hash);
  [[nodiscard]] sql::Result<bool> hasPrefix(std::string_view prefix);
  // One use less; there is one left: the caller has looked.
  [[nodiscard]] sql::Result<void> use(const wire::Hash& hash);
  // By their prefixes.
  [[nodiscard]] sql::Result<std::vector<Invite>> all();
  [[nodiscard]] sql::Result<uint64_t> count();
  // Whether there was one.
  [[nodiscard]] sql::Result<bool> drop(std::string_view prefix);
  // Those that had expired by then.
  [[nodiscard]] sql::Result<void> dropExpired(Instant by);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
