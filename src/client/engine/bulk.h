#pragma once

#include <kj/async.h>

#include <optional>
#include <string>

#include "client/client.h"
#include "client/core/delivery.h"
#include "client/engine/online.h"

// Bulk streams as a client uses them (docs/protocol/bulk.md): what is too large for a call goes up and comes down
// beside the control stream. A connection that ends in the middle is the caller's to hear; what has arrived stays at
// the server.
namespace qpq::client {

// Nothing: it is there.
struct NotBrought {
  core::Refusal refusal;
  std::string what;
};

// Brings a commit's envelope or Welcome to the server, from where an earlier attempt was cut off. `bytes` outlive it.
kj::Promise<std::optional<NotBrought>> bringForLog(const World& world, Online& online, LogId log, ByteView bytes);

// Whether a page names bytes that did not come with it.
bool isIncomplete(const core::Page& page);
// Fetches them. What they are is the core's to check.
Promise<void> complete(const World& world, Online& online, core::Page& page);

}  // namespace qpq::client
