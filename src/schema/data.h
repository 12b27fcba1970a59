#pragma once

#include <capnp/blob.h>

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/codec.h"

// Between Cap'n Proto's words and base's, for both ends of the contract.
namespace qpq::schema {

inline ByteView viewOf(capnp::Data::Reader data) { return {data.begin(), data.size()}; }
inline Bytes bytesOf(capnp::Data::Reader data) { return toBytes(viewOf(data)); }
inline std::string stringOf(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

// Borrowed: name what it reads first.
inline capnp::Data::Reader dataOf(ByteView bytes) { return {bytes.data(), bytes.size()}; }
capnp::Data::Reader dataOf(Bytes&&) = delete;

// An id of exactly its size, or nothing.
template <class Id>
std::optional<Id> idOf(capnp::Data::Reader data) {
  auto decoded = decode<Id>(viewOf(data));
  return decoded ? std::optional(*decoded) : std::nullopt;
}

}  // namespace qpq::schema
