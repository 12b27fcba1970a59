#pragma once

#include <kj/async.h>

#include "base/random.h"
#include "identity.h"
#include "schema/node.capnp.h"

namespace qpq::bench {

// OPAQUE login (RFC 9807 §6) of somebody who has registered: the two calls, and nothing of what they open. Throws
// unless it succeeds.
kj::Promise<void> logIn(schema::Node::Client node, const Identity& identity, Random& random);

}  // namespace qpq::bench
