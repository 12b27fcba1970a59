#pragma once

#include <span>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/executor.h"
#include "mls/group/group_info.h"
#include "mls/group/psk_source.h"
#include "mls/key_package.h"
#include "mls/message/group_info.h"
#include "mls/message/welcome.h"

// RFC 9420 §12.4.3: how newcomers learn of the epoch they enter.
namespace qpq::mls {

// Who is welcomed. Borrowed.
struct Newcomer {
  const KeyPackage* keyPackage;
  const SecretBytes* pathSecret;  // nullptr if the commit had no path
};
// One Welcome for all newcomers of a commit, with an encoded GroupInfo. invalidKey (index: place in the list) if an
// init_key is none.
Result<Welcome> sealWelcome(const crypto::Suite& suite, ByteView groupInfo, ByteView joinerSecret, ByteView pskSecret,
                            const PreSharedKeyIDs& psks, std::span<const Newcomer> newcomers, Random& random,
                            Executor* executor = nullptr);

struct OpenedWelcome {
  GroupSecrets secrets;
  SecretBytes pskSecret;
  GroupInfo groupInfo;  // of a member, but nothing in it has been verified
};
// wrongSuite, unknownKeyPackage, decryptionFailed, malformed, unknownPsk, pskUsage.
Result<OpenedWelcome> openWelcome(const crypto::Suite& suite, const Welcome& welcome, const KeyPackage& keyPackage,
                                  ByteView initKey, const PskSource& psks);

}  // namespace qpq::mls
