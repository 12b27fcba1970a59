#pragma once

#include <optional>

#include "base/secret.h"
#include "mls/limits.h"
#include "mls/message/commit.h"
#include "mls/message/list.h"
#include "mls/message/psk.h"

namespace qpq::mls {

// RFC 9420 §12.4.3.1.
struct PathSecret {
  SecretBytes pathSecret;
  static constexpr auto fields() { return std::tuple{&PathSecret::pathSecret}; }
};

// Encoded with encodeSecret() only.
struct GroupSecrets {
  SecretBytes joinerSecret;
  std::optional<PathSecret> pathSecret;
  PreSharedKeyIDs psks;
  static constexpr auto fields() {
    return std::tuple{&GroupSecrets::joinerSecret, &GroupSecrets::pathSecret, &GroupSecrets::psks};
  }
};

struct EncryptedGroupSecrets {
  KeyPackageRef newMember;
  HPKECiphertext encryptedGroupSecrets;
  bool operator==(const EncryptedGroupSecrets&) const = default;
  static constexpr auto fields() {
    return std::tuple{&EncryptedGroupSecrets::newMember, &EncryptedGroupSecrets::encryptedGroupSecrets};
  }
};

struct Welcome {
  CipherSuiteId cipherSuite{};
  List<EncryptedGroupSecrets, kWelcomeSecretsMax> secrets;
  Bytes encryptedGroupInfo;
  bool operator==(const Welcome&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Welcome::cipherSuite, &Welcome::secrets, &Welcome::encryptedGroupInfo};
  }
};

}  // namespace qpq::mls
