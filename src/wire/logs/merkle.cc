#include "wire/logs/merkle.h"

#include <cassert>

namespace qpq::wire {

namespace {

constexpr ByteArray<1> kLeafPrefix{0x00};
constexpr ByteArray<1> kNodePrefix{0x01};

Hash node(const Hash& left, const Hash& right) { return crypto::sha256({kNodePrefix, left, right}); }

std::vector<Hash> parentsOf(const std::vector<Hash>& level) {
  std::vector<Hash> parents;
  parents.reserve((level.size() + 1) / 2);
  for (std::size_t i = 0; i + 1 < level.size(); i += 2) parents.push_back(node(level[i], level[i + 1]));
  if (level.size() % 2 == 1) parents.push_back(level.back());
  return parents;
}

}  // namespace

Hash merkleLeaf(ByteView leaf) { return crypto::sha256({kLeafPrefix, leaf}); }

MerkleTree::MerkleTree(std::vector<Hash> leaves) {
  assert(!leaves.empty());
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) levels_.push_back(parentsOf(levels_.back()));
}

std::vector<Hash> MerkleTree::path(std::size_t index) const {
  assert(index < size());
  std::vector<Hash> path;
  for (const std::vector<Hash>& level : levels_) {
    std::size_t sibling = index ^ 1;
    if (sibling < level.size()) path.push_back(level[sibling]);
    index /= 2;
  }
  return path;
}

Result<Hash> merkleRoot(const Hash& leaf, uint32_t index, uint32_t size, std::span<const Hash> path) {
  if (index >= size) return fail(ErrorCode::badMerklePath);
  uint32_t last = size - 1;  // index of the last node on the level of `hash`, as `index` is its own
  Hash hash = leaf;
  for (const Hash& sibling : path) {
    if (last == 0) return fail(ErrorCode::badMerklePath);
    if (index % 2 == 1 || index == last) {
      // A last node without a sibling has risen unchanged to the level where it is a right child.
      while (index % 2 == 0) {
        index /= 2;
        last /= 2;
      }
      hash = node(sibling, hash);
    } else {
      hash = node(hash, sibling);
    }
    index /= 2;
    last /= 2;
  }
  if (last != 0) return fail(ErrorCode::badMerklePath);
  return hash;
}

}  // namespace qpq::wire
