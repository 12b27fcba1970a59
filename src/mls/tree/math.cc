#include "mls/tree/math.h"

namespace qpq::mls {

std::vector<NodeIndex> directPath(LeafIndex leaf, uint32_t leafCount) {
  std::vector<NodeIndex> path;
  for (auto node = parent(toNode(leaf), leafCount); node; node = parent(*node, leafCount)) path.push_back(*node);
  return path;
}

std::vector<NodeIndex> copath(LeafIndex leaf, uint32_t leafCount) {
  std::vector<NodeIndex> path;
  NodeIndex below = toNode(leaf);
  for (NodeIndex node : directPath(leaf, leafCount)) {
    path.push_back(*sibling(below, leafCount));
    below = node;
  }
  return path;
}

}  // namespace qpq::mls
