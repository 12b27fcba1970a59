#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

Result<std::optional<LogId>> Direct::find(const Pair& pair) {
  const LogId* log = data_.direct.find({pair.low, pair.high});
  return log != nullptr ? std::optional(*log) : std::nullopt;
}

Result<void> Direct::put(const Pair& pair, const LogId& log) {
  TRY(data_.mayWrite());
  data_.direct.put({pair.low, pair.high}, log);
  return {};
}

}  // namespace qpq::server::store::memory
