#pragma once

#include "base/codec.h"

namespace qpq {

// Structures that are signed, authenticated or hashed but never travel and only borrow what they cover, and those whose
// reader must be told something first. They say `using EncodedOnly = void`; decode() does not know them.
template <class T>
  requires requires { typename T::EncodedOnly; }
struct Codec<T> {
  template <class W>
  static void write(W& out, const T& value) {
    value.write(out);
  }
};

}  // namespace qpq
