#include "mls/tree/key_set.h"

#include <algorithm>
#include <bit>

namespace qpq::mls {
namespace {

// A few keys leave a thousand marks nearly empty.
constexpr std::size_t kMarkWordsMin = 16;

bool before(ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); }

}  // namespace

uint64_t keyPrefix(ByteView key) {
  uint64_t prefix = 0;
  for (std::size_t i = 0; i < sizeof(prefix); ++i) prefix = prefix << 8 | (i < key.size() ? key[i] : 0);
  return prefix;
}

uint32_t keyMark(ByteView key) {
  constexpr uint64_t kOddMultiplier = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio: spreads every bit
  return static_cast<uint32_t>((keyPrefix(key) * kOddMultiplier) >> 32);
}

KeySet::KeySet(std::vector<OwnedKey> keys) {
  if (keys.empty()) return;
  entries_.reserve(keys.size());
  marks_.resize(std::max(kMarkWordsMin, std::bit_ceil(keys.size())));
  for (const OwnedKey& owned : keys) {
    entries_.push_back({keyPrefix(owned.key), owned.key, owned.owner});
    std::size_t bit = bitOf(keyMark(owned.key));
    marks_[bit / 64] |= uint64_t{1} << (bit % 64);
  }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    if (!equal(a.key, b.key)) return before(a.key, b.key);
    return a.owner < b.owner;
  });
}

std::optional<NodeIndex> KeySet::duplicate() const {
  auto shared = [](const Entry& a, const Entry& b) {
    return a.prefix == b.prefix && a.owner != b.owner && equal(a.key, b.key);
  };
  auto found = std::ranges::adjacent_find(entries_, shared);
  return found == entries_.end() ? std::nullopt : std::optional(std::next(found)->owner);
}

bool KeySet::clashes(ByteView key, NodeIndex owner) const {
  if (!mayHold(keyMark(key))) return false;
  uint64_t prefix = keyPrefix(key);
  auto found = std::ranges::partition_point(entries_, [&](const Entry& entry) {
    return entry.prefix != prefix ? entry.prefix < prefix : before(entry.key, key);
  });
  return found != entries_.end() && found->prefix == prefix && equal(found->key, key) && found->owner != owner;
}

}  // namespace qpq::mls
