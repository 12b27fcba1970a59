#pragma once

#include <cstdint>

namespace qpq::wire {

// What an entry of a log is. The same octet stands in the terms and in the chain.
enum class EntryKind : uint8_t { message = 1, proposal = 2, commit = 3 };
constexpr bool isKnown(EntryKind kind) { return kind >= EntryKind::message && kind <= EntryKind::commit; }

}  // namespace qpq::wire
