#pragma once

#include <cstddef>
#include <cstdint>

namespace qpq::sql {

// The longest text or blob, and the longest row. SQLite would take 1 GB and copies a value several times on its way to
// the page, so one bad length could exhaust the machine. The largest thing we keep in one row is the state of a group.
inline constexpr std::size_t kValueBytesMax = 64u << 20;

// What the log file may keep after a checkpoint. Without a limit one large transaction leaves it large for ever.
inline constexpr uint32_t kLogBytesKept = 16u << 20;

// How much of a statement an error quotes: enough to find it, while a migration's text would bury the message.
inline constexpr std::size_t kQuotedCharactersMax = 200;

}  // namespace qpq::sql
