#include "mls/group/welcome.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/message/framing.h"
#include "mls/schedule/key_schedule.h"
#include "support/vectors.h"

namespace qpq::mls {
namespace {

using test::Json;

TEST_CASE("welcome.json") {
  auto file = test::VectorFile::open("mls/welcome.json");
  if (!file) return;
  for (const Json& c : file->json().items()) {
    const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(c["cipher_suite"].number()));
    if (suite == nullptr) continue;
    auto keyPackage = *decode<MLSMessage>(c["key_package"].hex()).value().as<KeyPackage>();
    auto welcome = *decode<MLSMessage>(c["welcome"].hex()).value().as<Welcome>();
    OpenedWelcome opened = openWelcome(*suite, welcome, keyPackage, c["init_priv"].hex(), {}).value();
    CHECK(verifyGroupInfo(*suite, opened.groupInfo, c["signer_pub"].hex()));
    SecretBytes epoch = epochSecret(*suite, opened.secrets.joinerSecret.expose(), zeroSecret(*suite).expose(),
                                    encode(opened.groupInfo.groupContext));
    EpochSecrets secrets = deriveEpochSecrets(*suite, epoch.expose());
    CHECK(confirmationTag(*suite, secrets.confirmationKey.expose(),
                          opened.groupInfo.groupContext.confirmedTranscriptHash) == opened.groupInfo.confirmationTag);
    file->verified();
  }
}

}  // namespace
}  // namespace qpq::mls
