#pragma once

#include <optional>

#include "server/store/error.h"
#include "server/store/logs.h"

namespace qpq::server::store {

// Which log a pair of accounts talks in. Shard key: pair.
class Direct {
 public:
  virtual ~Direct() = default;

  [[nodiscard]] virtual Result<std::optional<LogId>> find(const Pair& pair) = 0;
  [[nodiscard]] virtual Result<void> put(const Pair& pair, const LogId& log) = 0;
};

}  // namespace qpq::server::store
