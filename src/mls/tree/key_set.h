#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "mls/message/types.h"

namespace qpq::mls {

// The first eight bytes of a key as a number that sorts as they do; a shorter key is filled up with zeros.
uint64_t keyPrefix(ByteView key);

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
  // False for nearly every key that is not in the set, without looking at more than its prefix.
  bool mayHold(uint64_t prefix) const {
    if (marks_.empty()) return false;
    std::size_t mark = markOf(prefix);
    return (marks_[mark / 64] >> (mark % 64) & 1) != 0;
  }

 private:
  struct Entry {
    uint64_t prefix = 0;
    ByteView key;
    NodeIndex owner;
  };
  // The first byte of a point on a NIST curve is the same for all, so more than one byte counts.
  std::size_t markOf(uint64_t prefix) const {
    constexpr uint64_t kOddMultiplier = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio: spreads every bit
    return static_cast<std::size_t>((prefix * kOddMultiplier) >> 32) & (marks_.size() * 64 - 1);
  }

  std::vector<Entry> entries_;
  std::vector<uint64_t> marks_;  // one bit for each value of markOf(), set if a key has it: 64 and more for each key
};

}  // namespace qpq::mls
