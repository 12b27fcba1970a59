#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/codec.h"

namespace qpq::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Whatever decodes encodes to the bytes it came from: no structure has a second form.
template <class T>
std::optional<T> readBack(ByteView input) {
  auto value = decode<T>(input);
  if (!value) {
    require(value.error().offset <= input.size());
    return std::nullopt;
  }
  require(equal(encode(*value), input));
  return *std::move(value);
}

// The same of a structure that holds a key.
template <class T>
void readBackSecret(ByteView input) {
  auto value = decode<T>(input);
  require(value ? equal(encodeSecret(*value).expose(), input) : value.error().offset <= input.size());
}

// A genuine message with the input laid over it: an input of zeros is the message itself, and whatever is changed in it
// the rest stays as it should be.
inline Bytes laidOver(ByteView genuine, ByteView input) {
  Bytes message = toBytes(genuine);
  for (std::size_t i = 0; i < std::min(message.size(), input.size()); ++i) message[i] ^= input[i];
  return message;
}

}  // namespace qpq::fuzz
