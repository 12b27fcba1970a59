#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/codec.h"

namespace qpq::wire {

// What a list is sorted by: sortKey(element) where the element's type has one, else the element. The key is the first
// thing in the encoding (behind a constant version), so ascent of keys is ascent of bytes, with one element per key.
template <class T>
decltype(auto) keyOf(const T& value) {
  if constexpr (requires { sortKey(value); }) {
    return sortKey(value);
  } else {
    return (value);
  }
}

// A list that wire.md calls sorted: strictly ascending, always, so that a set of elements has one encoding. A decoder
// refuses any other order with notSorted at the element that breaks it, and tooLarge at the first element above kMax
// (where there is no kMax, the size of the input bounds the list).
template <class T, std::size_t kMax = SIZE_MAX>
class Sorted {
 public:
  Sorted() = default;
  // Sorts; of elements with one key the first stays.
  Sorted(std::vector<T> values): values_(std::move(values)) {
    std::ranges::stable_sort(values_, {}, [](const T& value) { return keyOf(value); });
    auto again = std::ranges::unique(values_, {}, [](const T& value) { return keyOf(value); });
    values_.erase(again.begin(), again.end());
  }
  Sorted(std::initializer_list<T> values): Sorted(std::vector<T>(values)) {}

  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  const T& operator[](std::size_t index) const { return values_[index]; }
  const std::vector<T>& values() const { return values_; }

  // The element with this key, or nullptr.
  template <class Key>
  const T* find(const Key& key) const {
    auto place = lowerBound(key);
    return place != values_.end() && keyOf(*place) == key ? &*place : nullptr;
  }
  template <class Key>
  bool contains(const Key& key) const {
    return find(key) != nullptr;
  }
  // Puts the element in its place, instead of the one that had its key.
  void set(T value) {
    auto place = values_.begin() + (lowerBound(keyOf(value)) - values_.cbegin());
    if (place != values_.end() && keyOf(*place) == keyOf(value)) {
      *place = std::move(value);
    } else {
      values_.insert(place, std::move(value));
    }
  }

  bool operator==(const Sorted&) const = default;

  template <class W>
  void write(W& out) const {
    qpq::write(out, values_);
  }
  static Decoded<Sorted> read(Reader& in) {
    Reader inner = TRY(in.vector());
    Sorted sorted;
    while (!inner.atEnd()) {
      if (sorted.size() == kMax) return inner.fail(DecodeError::Code::tooLarge);
      Reader before = inner;
      T value = TRY(qpq::read<T>(inner));
      if (!sorted.empty() && !(keyOf(sorted.values_.back()) < keyOf(value))) {
        return before.fail(DecodeError::Code::notSorted);
      }
      sorted.values_.push_back(std::move(value));
    }
    return sorted;
  }

 private:
  template <class Key>
  auto lowerBound(const Key& key) const {
    return std::ranges::lower_bound(values_, key, {}, [](const T& value) { return keyOf(value); });
  }
  std::vector<T> values_;
};

}  // namespace qpq::wire
