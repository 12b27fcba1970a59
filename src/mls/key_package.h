#pragma once

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/sign.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/key_package.h"

// RFC 9420 §10: what a client publishes so that others can add it to groups while it is away.
namespace qpq::mls {

// What stays with its maker until somebody uses the package, and is deleted by the transaction that keeps the group
// joined with it. The signature key is not among it: it outlives many packages.
struct KeyPackagePrivateKeys {
  SecretBytes initKey;
  SecretBytes leafKey;
  static constexpr auto fields() {
    return std::tuple{&KeyPackagePrivateKeys::initKey, &KeyPackagePrivateKeys::leafKey};
  }
};

struct KeyPackageOptions {
  Credential credential;
  Capabilities capabilities;
  Lifetime lifetime;
  Extensions leafExtensions;
  Extensions extensions;
};

struct NewKeyPackage {
  KeyPackage keyPackage;
  KeyPackagePrivateKeys privateKeys;
};

// leafSuiteUnsupported and the other codes of checkLeafNode() if the options do not fit together.
Result<NewKeyPackage> createKeyPackage(const crypto::Suite& suite, const crypto::SignatureKeyPair& signer,
                                       KeyPackageOptions options, Random& random);

// §5.2: the name under which a Welcome addresses the package.
KeyPackageRef keyPackageRef(const crypto::Suite& suite, const KeyPackage& keyPackage);

// §10.1 without clock, as a member checks an Add it receives: wrongSuite, leafSource, invalidKey (init_key),
// initKeyReused, keyPackageSignature. The leaf itself is checked with the tree it enters (validateChangedLeaves).
Result<void> checkKeyPackage(const crypto::Suite& suite, const KeyPackage& keyPackage);

// The proof that a key package may be used to add its owner. Whom its credential names is the application's to judge.
class VerifiedKeyPackage {
 public:
  // Everything checkKeyPackage() and checkLeafNode() say, the leaf's signature, and the lifetime at `now`.
  static Result<VerifiedKeyPackage> check(KeyPackage keyPackage, const crypto::Suite& suite, Instant now);

  const KeyPackage& keyPackage() const { return keyPackage_; }
  const LeafNode& leafNode() const { return keyPackage_.leafNode; }

 private:
  explicit VerifiedKeyPackage(KeyPackage keyPackage): keyPackage_(std::move(keyPackage)) {}
  KeyPackage keyPackage_;
};

}  // namespace qpq::mls
