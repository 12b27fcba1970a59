#include "mls/schedule/exporter_tree.h"

#include "mls/schedule/labelled.h"
#include "mls/tree/math.h"

namespace qpq::mls {
namespace {

constexpr uint32_t kLeafCount = 1U << 16;  // one per value of a ComponentId

RecordKey keyOf(NodeIndex node) { return {RecordKind::exporterSecret, node.value}; }

}  // namespace

ExporterTree::ExporterTree(const crypto::Suite& suite, SecretBytes applicationExportSecret): suite_(&suite) {
  if (!applicationExportSecret.empty()) nodes_.emplace(root(kLeafCount), std::move(applicationExportSecret));
}

Result<ExporterTree::Exported> ExporterTree::take(ComponentId component) {
  LeafIndex leaf{static_cast<uint16_t>(component)};
  NodeIndex node = toNode(leaf);
  while (!nodes_.contains(node)) {
    auto above = parent(node, kLeafCount);
    if (!above) return fail(ErrorCode::secretExported, leaf.value);
    node = *above;
  }
  Exported exported{std::move(nodes_.at(node)), {keyOf(node)}};
  nodes_.erase(node);
  std::size_t size = crypto::hashSize(suite_->hash);
  auto child = [&](NodeIndex at) {
    return expandWithLabel(*suite_, exported.secret.expose(), "tree", asBytes(at < node ? "left" : "right"), size);
  };
  while (!isLeaf(node)) {
    NodeIndex next = childTowards(node, leaf);
    NodeIndex other = *sibling(next, kLeafCount);
    nodes_.emplace(other, child(other));
    exported.changed.push_back(keyOf(other));
    exported.secret = child(next);
    node = next;
  }
  return exported;
}

std::vector<RecordKey> ExporterTree::keys() const {
  std::vector<RecordKey> keys;
  for (const auto& [node, secret] : nodes_) keys.push_back(keyOf(node));
  return keys;
}

std::optional<SecretBytes> ExporterTree::record(const RecordKey& key) const {
  auto found = nodes_.find({key.a});
  return found == nodes_.end() ? std::nullopt : std::optional(found->second.clone());
}

void ExporterTree::restore(const RecordKey& key, ByteView value) { nodes_[{key.a}] = SecretBytes(value); }

}  // namespace qpq::mls
