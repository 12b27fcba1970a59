#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

Result<std::optional<LogId>> Direct::find(const Pair& pair) {
  return database_.one<LogId>("SELECT log FROM direct WHERE low = ? AND high = ?", pair.low, pair.high);
}

Result<void> Direct::put(const Pair& pair, const LogId& log) {
  TRY(
      database_.execute("INSERT INTO direct (low, high, log) VALUES (?, ?, ?) "
                        "ON CONFLICT (low, high) DO UPDATE SET log = excluded.log",
                        pair.low, pair.high, log));
  return {};
}

}  // namespace qpq::server::store::sqlite
