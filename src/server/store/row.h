#pragma once

#include "base/codec.h"
#include "server/store/error.h"

namespace qpq::server::store {

// A structure this server wrote and can no longer read is damage, like a page that fails its check.
template <class T>
Result<T> stored(ByteView encoded) {
  auto value = decode<T>(encoded);
  if (!value) return damaged("a stored structure does not decode");
  return *std::move(value);
}

}  // namespace qpq::server::store
