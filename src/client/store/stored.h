#pragma once

#include "base/codec.h"
#include "client/store/failure.h"

namespace qpq::client::store {

// A structure this profile has encoded itself: what does not decode was damaged on the disk.
template <class T>
Result<T> stored(ByteView bytes) {
  auto value = decode<T>(bytes);
  if (!value) {
    return fail(ErrorCode::profileCorrupt, "The profile's database is damaged: a row cannot be read.",
                "Restore a copy of it.");
  }
  return *std::move(value);
}

}  // namespace qpq::client::store
