#include "mls/group/pending_commit.h"

#include "mls/group/epoch_records.h"

namespace qpq::mls {
namespace {

struct ChangedNode {
  NodeIndex node;
  std::optional<Bytes> content;  // nothing: blank in the next epoch
  static constexpr auto fields() { return std::tuple{&ChangedNode::node, &ChangedNode::content}; }
};

std::vector<ChangedNode> changedNodes(const RatchetTree& before, const RatchetTree& after) {
  std::vector<ChangedNode> changed;
  for (NodeIndex node : after.changedSince(before)) {
    ChangedNode& entry = changed.emplace_back(node);
    if (auto content = nodeRecord(after, node)) entry.content = toBytes(content->expose());
  }
  return changed;
}

}  // namespace

PendingCommit::PendingCommit(Bytes message, std::optional<Bytes> welcome, CommitEffects effects, EpochState next)
    : message_(std::move(message)),
      welcome_(std::move(welcome)),
      digest_(crypto::sha256(message_)),
      effects_(std::move(effects)),
      next_(std::move(next)) {}

Result<SecretBytes> PendingCommit::exportSecret(std::string_view label, ByteView context, std::size_t length) const {
  return mls::exportSecret(next_.suite(), next_.secrets.exporterSecret.expose(), label, context, length);
}

SecretBytes PendingCommit::record(const EpochState& before) const {
  SecretWriter out;
  write(out, message_);
  write(out, welcome_);
  write(out, effects_);
  write(out, next_.context);
  write(out, secretsRecord(next_));
  write(out, changedNodes(before.tree, next_.tree));
  out.length(next_.keys.entries().size());
  for (const NodePrivateKey& entry : next_.keys.entries()) {
    write(out, entry.node);
    write(out, entry.key);
  }
  // Nothing has been derived from the trees of an epoch that has not begun: each is its root.
  write(out, *next_.messageKeys.record({RecordKind::treeSecret, next_.tree.root().value}));
  write(out, *next_.exporters.record(next_.exporters.keys().front()));
  return SecretBytes(std::move(out).take());
}

Result<PendingCommit> PendingCommit::load(ByteView record, const EpochState& before) {
  Reader in(record);
  Bytes message = TRY(read<Bytes>(in));
  auto welcome = TRY(read<std::optional<Bytes>>(in));
  CommitEffects effects = TRY(read<CommitEffects>(in));
  EpochParts parts;
  parts.context = TRY(read<GroupContext>(in));
  TRY(parts.readSecrets(TRY(in.opaque())));
  parts.nodes = before.tree.nodes();
  for (const ChangedNode& changed : TRY(read<std::vector<ChangedNode>>(in))) {
    if (changed.content) {
      TRY(parts.readNode(changed.node, *changed.content));
    } else if (changed.node.value < parts.nodes.size()) {
      parts.nodes[changed.node.value].reset();
    }
  }
  for (std::size_t left = TRY(in.length()); left > 0; --left) {
    NodeIndex node = TRY(read<NodeIndex>(in));
    parts.privateKeys.push_back({node, TRY(read<SecretBytes>(in))});
  }
  parts.secrets.encryptionSecret = TRY(read<SecretBytes>(in));
  parts.secrets.applicationExport = TRY(read<SecretBytes>(in));
  TRY(in.finish());
  EpochState next = TRY(std::move(parts).assemble(before.suite(), before.ownLeaf()));
  next.reInit = effects.reInit;
  return PendingCommit(std::move(message), std::move(welcome), std::move(effects), std::move(next));
}

}  // namespace qpq::mls
