#include "mls/group/epoch_records.h"

namespace qpq::mls {
namespace {

// In the order of the record. Not among them: encryptionSecret and applicationExport, whose trees have their own.
constexpr std::array kSecrets{&EpochSecrets::senderDataSecret,   &EpochSecrets::exporterSecret,
                              &EpochSecrets::externalSecret,     &EpochSecrets::confirmationKey,
                              &EpochSecrets::membershipKey,      &EpochSecrets::resumptionPsk,
                              &EpochSecrets::epochAuthenticator, &EpochSecrets::initSecret};

}  // namespace

SecretBytes secretsRecord(const EpochState& state) {
  SecretWriter out;
  for (auto secret : kSecrets) write(out, state.secrets.*secret);
  out.opaque(state.signatureKey.expose());
  return SecretBytes(std::move(out).take());
}

std::optional<SecretBytes> nodeRecord(const RatchetTree& tree, NodeIndex node) {
  auto encoded = tree.encoded(node);
  return encoded ? std::optional(SecretBytes(*encoded)) : std::nullopt;
}

Decoded<void> EpochParts::readSecrets(ByteView record) {
  Reader in(record);
  for (auto secret : kSecrets) secrets.*secret = TRY(read<SecretBytes>(in));
  signatureKey = TRY(read<SecretBytes>(in));
  return in.finish();
}

Decoded<void> EpochParts::readNode(NodeIndex node, ByteView record) {
  if (node.value >= kTreeNodesMax) return Reader(record).fail(DecodeError::Code::tooLarge);
  if (nodes.size() <= node.value) nodes.resize(node.value + 1);
  if (isLeaf(node)) {
    nodes[node.value] = Node{TRY(decode<LeafNode>(record))};
  } else {
    nodes[node.value] = Node{TRY(decode<ParentNode>(record))};
  }
  return {};
}

Result<RatchetTree> EpochParts::takeTree(const crypto::Suite& suite) {
  while (!nodes.empty() && !nodes.back()) nodes.pop_back();
  auto tree = RatchetTree::fromNodes(suite, nodes);
  if (!tree || !equal(tree->treeHash(), context.treeHash)) return fail(ErrorCode::damagedState);
  return tree;
}

Result<EpochState> EpochParts::assemble(const crypto::Suite& suite, LeafIndex self) && {
  RatchetTree tree = TRY(takeTree(suite));
  crypto::SigningKey signer;  // nobody's once we have been removed
  if (!signatureKey.empty()) {
    auto ready = crypto::SigningKey::from(suite.signature, signatureKey.expose());
    if (!ready) return fail(ErrorCode::damagedState);
    signer = *std::move(ready);
  }
  return stateOf(std::move(context), std::move(tree), TreeKeys(self, std::move(privateKeys)), std::move(signer),
                 std::move(secrets));
}

}  // namespace qpq::mls
