#pragma once

#include <compare>
#include <cstddef>
#include <tuple>

#include "base/bytes.h"
#include "base/random.h"

namespace qpq {

// An identifier of N bytes that cannot be mistaken for another kind of identifier.
template <class Tag, std::size_t N>
struct Id {
  ByteArray<N> bytes{};

  auto operator<=>(const Id&) const = default;
  static constexpr auto fields() { return std::tuple{&Id::bytes}; }
  static Id random(Random& random) { return {random.bytes<N>()}; }
  ByteView view() const { return bytes; }
};

using AccountId = Id<struct AccountTag, 16>;
using DeviceId = Id<struct DeviceTag, 16>;
using LogId = Id<struct LogTag, 16>;
using EntryId = Id<struct EntryTag, 16>;
using RequestId = Id<struct RequestTag, 16>;
using Incarnation = Id<struct IncarnationTag, 16>;  // one life of a server's store; a restore begins another

}  // namespace qpq
