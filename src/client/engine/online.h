#pragma once

#include <kj/refcount.h>

#include "client/engine/dial.h"
#include "schema/log.capnp.h"
#include "schema/session.capnp.h"

namespace qpq::client {

// A signed-in connection and what it lets this device do. Shared by whoever has a call under way.
struct Online final: public kj::Refcounted {
  Online(Dialled dialled, schema::Session::Client session);

  Dialled server;
  schema::Session::Client session;
  schema::Logs::Client logs;
  schema::Directory::Client directory;
  schema::KeyPackages::Client keyPackages;
};

// Resumes as this profile's device. notSignedIn, revoked, wrongPassword (the server does not know the device).
Promise<kj::Own<Online>> resume(CoreSeat& core, Dialled dialled);

// Publishes key packages where fewer than half of what is kept are left, and a last resort where there is none.
Promise<void> stockKeyPackages(CoreSeat& core, Online& online);

}  // namespace qpq::client
