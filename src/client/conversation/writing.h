#pragma once

#include <optional>

#include "client/conversation/desk.h"

// How what is wanted becomes the next entry of a log.
namespace qpq::client::conversation {

// The largest text that fits an entry, whatever else stands in it.
inline constexpr std::size_t kTextSizeMax = 60'000;

// The next entry, if one may go out: sealed, and written into its row. The same again while nothing has overtaken it.
// Wishes that are moot or hopeless end on the way.
store::Result<std::optional<core::Outgoing>> nextEntry(Desk& desk, store::Conversation& conversation,
                                                       core::Outcome& outcome);

// When this device's turn comes to commit what waits in the conversation; nothing if nothing waits, or a wish of its
// own will do it.
store::Result<std::optional<Instant>> mendingTurn(Desk& desk, const store::Conversation& conversation);

}  // namespace qpq::client::conversation
