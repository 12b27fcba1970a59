#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "server/store/error.h"
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
  virtual ~Invites() = default;

  // Hash and prefix are free: the caller has looked. `failed` otherwise.
  [[nodiscard]] virtual Result<void> add(const Invite& invite) = 0;
  [[nodiscard]] virtual Result<std::optional<Invite>> find(const wire::Hash& hash) = 0;
  [[nodiscard]] virtual Result<bool> hasPrefix(std::string_view prefix) = 0;
  // One use less; there is one left: the caller has looked.
  [[nodiscard]] virtual Result<void> use(const wire::Hash& hash) = 0;
  // By their prefixes.
  [[nodiscard]] virtual Result<std::vector<Invite>> all() = 0;
  [[nodiscard]] virtual Result<uint64_t> count() = 0;
  // Whether there was one.
  [[nodiscard]] virtual Result<bool> drop(std::string_view prefix) = 0;
  // Those that had expired by then.
  [[nodiscard]] virtual Result<void> dropExpired(Instant by) = 0;
};

}  // namespace qpq::server::store
