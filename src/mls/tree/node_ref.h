#pragma once

#include <utility>

namespace qpq::mls {

class TreeNode;

// A share in a TreeNode, which dies with the last one. Half as large as a std::shared_ptr, and a node needs no control
// block beside it: of a tree's thousands of nodes each is one piece of memory.
class NodeRef {
 public:
  NodeRef() = default;
  NodeRef(const NodeRef& other) noexcept;
  NodeRef(NodeRef&& other) noexcept: node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(NodeRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodeRef();

  TreeNode* get() const { return node_; }
  TreeNode& operator*() const { return *node_; }
  TreeNode* operator->() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }

 private:
  friend class TreeNode;
  explicit NodeRef(TreeNode* firstShare): node_(firstShare) {}

  TreeNode* node_ = nullptr;
};

}  // namespace qpq::mls
