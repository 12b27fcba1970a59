#pragma once

#include <vector>

#include "base/time.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/group_info.h"
#include "mls/message/leaf_node.h"

// RFC 9420 §7.3: the rules for one leaf. What the credential says is the application's to judge, before or after.
namespace qpq::mls {

// The leaf with its signature (§7.2). For a leaf of a key package, group and index are not covered.
Result<LeafNode> signLeafNode(const crypto::Suite& suite, LeafNode leaf, ByteView groupId, LeafIndex index,
                              crypto::Signer signer);
// leafSignature.
Result<void> verifyLeafSignature(const crypto::Suite& suite, const LeafNode& leaf, ByteView groupId, LeafIndex index);

// What the leaf says of itself fits together: keys of the suite's length, and its capabilities list the version, the
// suite, its credential's type and its extensions. leafKeyLength, leafVersionUnsupported, leafSuiteUnsupported,
// leafCredentialUnlisted, leafExtensionUnlisted.
Result<void> checkLeafNode(const crypto::Suite& suite, const LeafNode& leaf);

// RFC 9420 §7.3: an Update's or a path's leaf instead of the one with the encryption key `before`. leafSource if it
// does not come from `source`, leafKeyUnchanged if it has that key, too.
Result<void> checkReplacement(ByteView before, const LeafNode& after, LeafNodeSource source);

// For a key package about to be used or just received (§7.2, §7.3); never for leaves that stand in a tree, which
// outlive their key package. leafSource if there is no lifetime, lifetimeNotBegun, lifetimeOver, lifetimeTooLong.
Result<void> checkLifetime(const LeafNode& leaf, Instant now, uint64_t lifetimeMaxSeconds);

// What a GroupContext asks of every member's capabilities.
class GroupRequirements {
 public:
  // malformed if required_capabilities cannot be read.
  static Result<GroupRequirements> of(const GroupContext& context);
  // requiredCapability (§11.1), groupExtensionUnsupported (§13.4).
  Result<void> check(const LeafNode& leaf) const;

 private:
  RequiredCapabilities required_;
  std::vector<ExtensionType> extensions_;
};

}  // namespace qpq::mls
