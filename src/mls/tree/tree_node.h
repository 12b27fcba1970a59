#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "mls/message/ratchet_tree.h"
#include "mls/tree/key_set.h"
#include "mls/tree/math.h"

// Inside of RatchetTree: one node with everything below it. Trees that differ in a few leaves share the rest.
namespace qpq::mls {

// A hash of any suite, without an allocation. Empty: not computed.
class TreeHash {
 public:
  ByteView view() const { return ByteView(bytes_).first(size_); }
  bool empty() const { return size_ == 0; }
  void forget() { size_ = 0; }
  ByteSpan writable(std::size_t size) {
    size_ = static_cast<uint8_t>(size);
    return ByteSpan(bytes_).first(size);
  }

 private:
  std::array<uint8_t, 64> bytes_{};
  uint8_t size_ = 0;
};

// RFC 9420 §5.3.3, of the leaves below a node: the credential types somebody uses and those everybody supports, one bit
// for each type the codec can read.
struct CredentialUse {
  uint8_t used = 0;
  uint8_t supported = 0xff;

  static CredentialUse of(const LeafNode& leaf);
  CredentialUse with(CredentialUse other) const {
    return {static_cast<uint8_t>(used | other.used), static_cast<uint8_t>(supported & other.supported)};
  }
  bool fits() const { return (used & ~supported) == 0; }
};

struct TreeNode {
  // Of a parent: both, or neither if everything below is blank. A blank subtree is always held in that one form, so
  // blanks cost nothing and a node's resolution is empty exactly if isBlankBelow().
  std::shared_ptr<TreeNode> left, right;
  // keyPrefix() of the keys in `leaf` or `parent`. A search looks at these of every node, and at few of the keys: what
  // it reads stands together.
  uint64_t encryptionPrefix = 0;
  uint64_t signaturePrefix = 0;
  std::shared_ptr<const LeafNode> leaf;      // of a leaf; null: blank
  std::shared_ptr<const ParentNode> parent;  // of a parent; null: blank
  uint32_t members = 0;                      // leaves below that are not blank
  CredentialUse credentials;
  mutable TreeHash hash;  // cached; a node shared by two trees has the same hash in both, as its place is the same

  bool isBlankBelow() const { return !leaf && !parent && !left; }
  void put(std::shared_ptr<const LeafNode> content);    // null: blank
  void put(std::shared_ptr<const ParentNode> content);  // null: blank
  // After a change below: sums up again and folds a subtree that has become blank.
  void settle();
};

// RFC 9420 §7.8: the tree hash of the subtree `node` that stands at `at`; computes and caches what is missing below.
const TreeHash& treeHash(const TreeNode& node, NodeIndex at, crypto::HashId hash);

// RFC 9420 §7.9: the same after blanking the leaves `without` (ascending) and taking them out of all unmerged_leaves.
TreeHash treeHashWithout(const TreeNode& node, NodeIndex at, crypto::HashId hash, std::span<const LeafIndex> without);

}  // namespace qpq::mls
