#pragma once

#include "mls/message/capabilities.h"
#include "mls/message/credential.h"
#include "mls/message/encoded_only.h"
#include "mls/message/extension.h"
#include "mls/message/tagged.h"
#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §7.2: seconds since 1970 between which a client takes a pre-published leaf for valid.
struct Lifetime {
  uint64_t notBefore = 0;
  uint64_t notAfter = 0;
  bool operator==(const Lifetime&) const = default;
  static constexpr auto fields() { return std::tuple{&Lifetime::notBefore, &Lifetime::notAfter}; }
};

// RFC 9420 §7.9.1: the parent hash of the next non-blank node above the leaf; empty if there is none.
struct CommitParentHash {
  Bytes value;
  bool operator==(const CommitParentHash&) const = default;
  static constexpr auto fields() { return std::tuple{&CommitParentHash::value}; }
};

using UpdateSource = Empty<LeafNodeSource::update>;

// RFC 9420 §7.2.
struct LeafNode {
  HPKEPublicKey encryptionKey;
  SignaturePublicKey signatureKey;
  Credential credential;
  Capabilities capabilities;
  Tagged<Case<LeafNodeSource::keyPackage, Lifetime>, Case<LeafNodeSource::update, UpdateSource>,
         Case<LeafNodeSource::commit, CommitParentHash>>
      source;
  Extensions extensions;
  Bytes signature;
  bool operator==(const LeafNode&) const = default;

  static constexpr auto signedFields() {
    return std::tuple{&LeafNode::encryptionKey, &LeafNode::signatureKey, &LeafNode::credential,
                      &LeafNode::capabilities,  &LeafNode::source,       &LeafNode::extensions};
  }
  static constexpr auto fields() { return std::tuple_cat(signedFields(), std::tuple{&LeafNode::signature}); }
};

// RFC 9420 §7.2, to be encoded only. A leaf made inside a group is bound to the group and its place; one from a key
// package is not.
struct LeafNodeTBS {
  using EncodedOnly = void;
  const LeafNode& leafNode;
  ByteView groupId;
  LeafIndex leafIndex;

  template <class W>
  void write(W& out) const {
    std::apply([&](auto... member) { (qpq::write(out, leafNode.*member), ...); }, LeafNode::signedFields());
    if (leafNode.source.type() == LeafNodeSource::keyPackage) return;
    out.opaque(groupId);
    qpq::write(out, leafIndex);
  }
};

}  // namespace qpq::mls
