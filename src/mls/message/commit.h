#pragma once

#include <optional>

#include "mls/limits.h"
#include "mls/message/leaf_node.h"
#include "mls/message/list.h"
#include "mls/message/proposal.h"

namespace qpq::mls {

// RFC 9420 §12.4: a proposal by value or by the hash of the message that carried it.
using ProposalOrRef =
    Tagged<Case<ProposalOrRefType::proposal, Proposal>, Case<ProposalOrRefType::reference, ProposalRef>>;

// RFC 9420 §7.6.
struct HPKECiphertext {
  Bytes kemOutput;
  Bytes ciphertext;
  bool operator==(const HPKECiphertext&) const = default;
  static constexpr auto fields() { return std::tuple{&HPKECiphertext::kemOutput, &HPKECiphertext::ciphertext}; }
};

struct UpdatePathNode {
  HPKEPublicKey encryptionKey;
  List<HPKECiphertext, kCiphertextsPerNodeMax> encryptedPathSecret;
  bool operator==(const UpdatePathNode&) const = default;
  static constexpr auto fields() {
    return std::tuple{&UpdatePathNode::encryptionKey, &UpdatePathNode::encryptedPathSecret};
  }
};

struct UpdatePath {
  LeafNode leafNode;
  List<UpdatePathNode, kUpdatePathNodesMax> nodes;
  bool operator==(const UpdatePath&) const = default;
  static constexpr auto fields() { return std::tuple{&UpdatePath::leafNode, &UpdatePath::nodes}; }
};

struct Commit {
  List<ProposalOrRef, kProposalsPerCommitMax> proposals;
  std::optional<UpdatePath> path;
  bool operator==(const Commit&) const = default;
  static constexpr auto fields() { return std::tuple{&Commit::proposals, &Commit::path}; }
};

}  // namespace qpq::mls
