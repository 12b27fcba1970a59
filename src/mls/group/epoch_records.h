#pragma once

#include <vector>

#include "base/codec.h"
#include "mls/error.h"
#include "mls/group/epoch_state.h"

// EpochState as bytes: the records of a group, and what a pending commit would make of them.
namespace qpq::mls {

SecretBytes secretsRecord(const EpochState& state);  // RecordKind::secrets
// RecordKind::node: nothing for a blank node.
std::optional<SecretBytes> nodeRecord(const RatchetTree& tree, NodeIndex node);

// The parts of a state as they come out of records, in any order, until they can be put together.
struct EpochParts {
  GroupContext context;
  RatchetTreeNodes nodes;
  std::vector<NodePrivateKey> privateKeys;
  EpochSecrets secrets;
  SecretBytes signatureKey;

  Decoded<void> readSecrets(ByteView record);
  Decoded<void> readNode(NodeIndex node, ByteView record);
  // The tree of the nodes; damagedState if it is not the one of the context.
  Result<RatchetTree> takeTree(const crypto::Suite& suite);
  // damagedState if the parts are not those of one epoch: the tree is not the one of the context, or the signature
  // key is none.
  Result<EpochState> assemble(const crypto::Suite& suite, LeafIndex self) &&;
};

}  // namespace qpq::mls
