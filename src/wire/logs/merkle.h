#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wire/error.h"
#include "wire/types.h"

// The Merkle tree of RFC 9162 §2.1 with SHA-256: 0x00 before a leaf, 0x01 before a node. One signature covers a whole
// flush of the server, and each appender gets its own path to it.
namespace qpq::wire {

Hash merkleLeaf(ByteView leaf);

class MerkleTree {
 public:
  // Hashes of the leaves (merkleLeaf), at least one.
  explicit MerkleTree(std::vector<Hash> leaves);

  std::size_t size() const { return levels_.front().size(); }
  const Hash& root() const { return levels_.back().front(); }
  std::vector<Hash> path(std::size_t index) const;  // RFC 9162 §2.1.3.1, for index < size()

 private:
  std::vector<std::vector<Hash>> levels_;  // from the leaves up; a node without a sibling rises as it is
};

// RFC 9162 §2.1.3.2: the root that this leaf at this index of a tree of this size has by its path. badMerklePath if
// index, size and length of the path do not belong together.
Result<Hash> merkleRoot(const Hash& leaf, uint32_t index, uint32_t size, std::span<const Hash> path);

}  // namespace qpq::wire
