#pragma once

#include <kj/async.h>

#include "client/error.h"

// Kept apart from error.h, so that the blocking half of the room (core, profile, store, conversation) names no KJ.
namespace qpq::client {

template <class T>
using Promise = kj::Promise<Result<T>>;

}  // namespace qpq::client
