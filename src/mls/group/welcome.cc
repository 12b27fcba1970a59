#include "mls/group/welcome.h"

#include <algorithm>

#include "crypto/aead.h"
#include "mls/schedule/encrypt_to_all.h"
#include "mls/schedule/key_schedule.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kWelcomeLabel = "Welcome";

AeadKey keyOf(const crypto::Suite& suite, ByteView joinerSecret, ByteView pskSecret) {
  return welcomeKey(suite, welcomeSecret(suite, joinerSecret, pskSecret).expose());
}

SecretBytes groupSecretsFor(const Newcomer& newcomer, ByteView joinerSecret, const PreSharedKeyIDs& psks) {
  GroupSecrets secrets{.joinerSecret = SecretBytes(joinerSecret), .pathSecret = {}, .psks = psks};
  if (newcomer.pathSecret != nullptr) secrets.pathSecret = PathSecret{newcomer.pathSecret->clone()};
  return encodeSecret(secrets);
}

// §12.4.3.1: at most one key links the group to one before it.
Result<void> checkOneLink(const PreSharedKeyIDs& ids) {
  bool linked = false;
  for (uint32_t place = 0; place < ids.size(); ++place) {
    const auto* resumption = ids[place].psk.as<ResumptionPSK>();
    if (resumption == nullptr || resumption->usage == ResumptionPSKUsage::application) continue;
    if (linked) return fail(ErrorCode::pskUsage, place);
    linked = true;
  }
  return {};
}

}  // namespace

Result<Welcome> sealWelcome(const crypto::Suite& suite, ByteView groupInfo, ByteView joinerSecret, ByteView pskSecret,
                            const PreSharedKeyIDs& psks, std::span<const Newcomer> newcomers, Random& random,
                            Executor* executor) {
  AeadKey key = keyOf(suite, joinerSecret, pskSecret);
  Welcome welcome{.cipherSuite = CipherSuiteId{suite.id}};
  welcome.encryptedGroupInfo = TRY(crypto::aeadSeal(suite.aead, key.key.expose(), key.nonce.expose(), {}, groupInfo));
  std::vector<SecretBytes> secrets;
  std::vector<SealJob> jobs;
  secrets.reserve(newcomers.size());
  for (const Newcomer& newcomer : newcomers) {
    secrets.push_back(groupSecretsFor(newcomer, joinerSecret, psks));
    jobs.push_back({newcomer.keyPackage->initKey, secrets.back().expose()});
  }
  auto sealed = TRY(encryptToAll(suite, kWelcomeLabel, welcome.encryptedGroupInfo, jobs, random, executor));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    welcome.secrets.push_back({keyPackageRef(suite, *newcomers[i].keyPackage), std::move(sealed[i])});
  }
  return welcome;
}

Result<OpenedWelcome> openWelcome(const crypto::Suite& suite, const Welcome& welcome, const KeyPackage& keyPackage,
                                  ByteView initKey, const PskSource& psks) {
  if (welcome.cipherSuite != CipherSuiteId{suite.id} || keyPackage.cipherSuite != CipherSuiteId{suite.id}) {
    return fail(ErrorCode::wrongSuite);
  }
  auto mine = std::ranges::find(welcome.secrets, keyPackageRef(suite, keyPackage), &EncryptedGroupSecrets::newMember);
  if (mine == welcome.secrets.end()) return fail(ErrorCode::unknownKeyPackage);
  SecretBytes plaintext =
      TRY(decryptWithLabel(suite, initKey, kWelcomeLabel, welcome.encryptedGroupInfo, mine->encryptedGroupSecrets));
  GroupSecrets secrets = TRY(decode<GroupSecrets>(plaintext.expose()));
  TRY(checkOneLink(secrets.psks));
  SecretBytes pskSecret = TRY(pskSecretOf(suite, secrets.psks, psks));
  AeadKey key = keyOf(suite, secrets.joinerSecret.expose(), pskSecret.expose());
  SecretBytes groupInfo =
      TRY(crypto::aeadOpen(suite.aead, key.key.expose(), key.nonce.expose(), {}, welcome.encryptedGroupInfo));
  GroupInfo decoded = TRY(decode<GroupInfo>(groupInfo.expose()));
  return OpenedWelcome{std::move(secrets), std::move(pskSecret), std::move(decoded)};
}

}  // namespace qpq::mls
