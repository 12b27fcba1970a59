#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "mls/message/types.h"

namespace qpq::mls {

// The first eight bytes of a key as a number that sorts as they do; a shorter key is filled up with zeros.
uint64_t keyPrefix(ByteView key);
// What a tree keeps of each key for the search, spread over all values: the first byte of a point on a NIST curve is
// the same for all, so more than one byte counts.
uint32_t keyMark(ByteView key);

// No node has this index, so a key it owns clashes with every other that is equal.
inline constexpr NodeIndex kNobody{UINT32_MAX};

// Public keys to be looked for in a tree. Sorted and not hashed: the worst case of a search cannot be chosen by whoever
// chooses the keys.
class KeySet {
 public:
  struct OwnedKey {
    ByteView key;  // borrowed as long as the set lives
    NodeIndex owner = kNobody;
  };

  KeySet() = default;
  explicit KeySet(std::vector<OwnedKey> keys);

  // The later owner of a key that two have.
  std::optional<NodeIndex> duplicate() const;
  // Whether somebody else has this key, too.
  bool clashes(ByteView key, NodeIndex owner) const;
  // Of a key's mark. False for nearly every key that is not in the set, without looking at the key.
  bool mayHold(uint32_t mark) const {
    if (marks_.empty()) return false;
    std::size_t bit = bitOf(mark);
    return (marks_[bit / 64] >> (bit % 64) & 1) != 0;
  }

 private:
  struct Entry {
    uint64_t prefix = 0;
    ByteView key;
    NodeIndex owner;
  };
  std::size_t bitOf(uint32_t mark) const { return mark & (marks_.size() * 64 - 1); }

  std::vector<Entry> entries_;
  std::vector<uint64_t> marks_;  // one bit for each value of bitOf(), set if a key has it: 64 and more for each key
};

}  // namespace qpq::mls
