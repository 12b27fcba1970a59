#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/codec.h"

namespace qpq::mls {

// A <V> of at most kMax elements (limits.h says why that many): a short input cannot be made into a large memory.
template <class T, std::size_t kMax>
struct List: std::vector<T> {
  using std::vector<T>::vector;
  List(std::vector<T> items): std::vector<T>(std::move(items)) {}  // NOLINT: a vector is a list

  template <class W>
  void write(W& out) const {
    qpq::write<W, std::vector<T>>(out, *this);
  }
  // tooLarge at the first element too many.
  static Decoded<List> read(Reader& in) {
    Reader inner = TRY(in.vector());
    List items;
    while (!inner.atEnd()) {
      if (items.size() == kMax) return inner.fail(DecodeError::Code::tooLarge);
      items.push_back(TRY(qpq::read<T>(inner)));
    }
    return items;
  }
};

}  // namespace qpq::mls
