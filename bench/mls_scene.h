#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/suite.h"
#include "crypto/system_random.h"
#include "mls/group/group.h"

namespace qpq::bench {

// Members of groups of one suite, all in one program. What goes from one to another is bytes, so that encoding and
// decoding are part of what is measured; randomness is the system's.
class MlsScene {
 public:
  explicit MlsScene(const crypto::Suite& suite): suite_(suite) {}
  const crypto::Suite& suite() const { return suite_; }
  Random& random() { return random_; }

  struct Person {
    crypto::SignatureKeyPair signer;
    mls::NewKeyPackage package;
  };
  Person newPerson();
  static Bytes published(const Person& person);
  std::vector<Bytes> newPackages(std::size_t count);

  mls::Group newGroup();
  struct Sent {
    Bytes commit;
    std::optional<Bytes> welcome;
    std::size_t wire() const { return commit.size() + (welcome ? welcome->size() : 0); }
  };
  struct How {
    mls::TreePlace tree = mls::TreePlace::inlined;
    mls::Executor* executor = nullptr;
  };
  // Takes key packages as they come from a server, makes the commit and begins its epoch.
  Sent commit(mls::Group& group, const std::vector<Bytes>& adds, How how);
  Sent commit(mls::Group& group) { return commit(group, {}, {}); }
  static void process(mls::Group& group, const Bytes& commit, mls::Executor* executor = nullptr);
  static mls::Group joined(const Bytes& welcome, const Person& person, mls::Executor* executor = nullptr);

  // A warm group: each member adds the next, and the first follows; in the end every parent has a key.
  struct Pair {
    mls::Group first, last;
  };
  Pair warmPair(std::size_t n);
  // A cold group: everybody added in as few commits as can be, the last by itself, so that there is a Welcome for one.
  struct Bulk {
    mls::Group group;
    Person last;
    Bytes welcome;
  };
  Bulk bulkGroup(std::size_t n);

 private:
  mls::Credential credential();
  mls::Capabilities capabilities() const;
  mls::VerifiedKeyPackage verified(ByteView keyPackage) const;

  const crypto::Suite& suite_;
  crypto::SystemRandom random_;
  uint64_t people_ = 0;
};

}  // namespace qpq::bench
