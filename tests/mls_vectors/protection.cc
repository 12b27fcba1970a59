#include "mls/framing/content.h"
#include "mls/framing/private_message.h"
#include "mls/framing/public_message.h"
#include "mls/group/group_info.h"
#include "mls/group/welcome.h"
#include "mls/schedule/key_schedule.h"
#include "mls/schedule/secret_tree.h"
#include "mls_vectors/checks.h"
#include "mls_vectors/expect.h"
#include "support/seeded_random.h"

namespace qpq::mls::vectors {

using test::Json;

namespace {

constexpr RatchetWindow kWindow{.forwardStepsMax = 10, .skippedKeysMax = 10};
constexpr LeafIndex kSender{1};  // in a group of two

// One case: three messages, both wire formats, in both directions.
class Protection {
 public:
  explicit Protection(const Json& json)
      : suite_(suiteOf(json)),
        json_(json),
        signatureKey_(signatureKey(suite_, json["signature_priv"])),
        context_(encode(GroupContext{.cipherSuite = CipherSuiteId{suite_.id},
                                     .groupId = json["group_id"].hex(),
                                     .epoch = {json["epoch"].number()},
                                     .treeHash = json["tree_hash"].hex(),
                                     .confirmedTranscriptHash = json["confirmed_transcript_hash"].hex()})) {}

  // `name`: the given messages; `content`: what they must carry, and what is sent back and forth.
  void check(const std::string& name, Content content) {
    auto carries = [&](const AuthenticatedContent& opened) {
      if (opened.content.content != content) failed(name + " carries something else");
    };
    AuthenticatedContent clear = sign(WireFormat::publicMessage, content);
    auto shown = protectPublic(suite_, json_["membership_key"].hex(), clear, context_);
    if (auto given = json_.find(name + "_pub")) {
      carries(open(must(decode<MLSMessage>(given->hex()), name + "_pub")));
      expect(open(MLSMessage{.message = {must(std::move(shown), "an own public message")}}) == clear,
             "an own public message differs");
    } else {
      expect(!shown && shown.error() == Error(ErrorCode::applicationNotEncrypted), "application data is sent in clear");
    }
    carries(open(must(decode<MLSMessage>(json_[name + "_priv"].hex()), name + "_priv")));
    AuthenticatedContent sealed = sign(WireFormat::privateMessage, std::move(content));
    expect(open(MLSMessage{.message = {seal(sealed)}}) == sealed, "an own private message differs");
  }

 private:
  SecretTree tree() const { return {suite_, 2, SecretBytes(json_["encryption_secret"].hex())}; }
  static RatchetType ratchetOf(ContentType type) {
    return type == ContentType::application ? RatchetType::application : RatchetType::handshake;
  }

  AuthenticatedContent open(const MLSMessage& message) const {
    AuthenticatedContent content = message.as<PublicMessage>() != nullptr ? openPublic(*message.as<PublicMessage>())
                                                                          : openSealed(message.as<PrivateMessage>());
    must(verifyContent(suite_, json_["signature_pub"].hex(), content, context_), "the signature");
    return content;
  }
  AuthenticatedContent openPublic(const PublicMessage& message) const {
    return must(unprotectPublic(suite_, json_["membership_key"].hex(), message, context_), "a public message");
  }
  AuthenticatedContent openSealed(const PrivateMessage* message) const {
    expect(message != nullptr, "neither a public nor a private message");
    SenderData sender = must(openSenderData(suite_, json_["sender_data_secret"].hex(), *message), "the sender data");
    expect(sender.leafIndex == kSender, "the sender is not leaf 1");
    StagedKey key =
        must(tree().stage(kSender, ratchetOf(message->contentType), sender.generation, kWindow), "the generation");
    return must(openPrivate(suite_, *message, sender, key.key()), "a private message");
  }
  AuthenticatedContent sign(WireFormat format, Content content) const {
    FramedContent framed{.groupId = json_["group_id"].hex(),
                         .epoch = {json_["epoch"].number()},
                         .sender = {MemberSender{kSender}},
                         .authenticatedData = {1, 2, 3},
                         .content = std::move(content)};
    return must(signContent(suite_, signatureKey_.expose(), format, std::move(framed), context_), "an own signature");
  }
  PrivateMessage seal(AuthenticatedContent content) {
    StagedKey key = must(tree().stageNext(kSender, ratchetOf(content.content.content.type())), "an own generation");
    Bytes senderDataSecret = json_["sender_data_secret"].hex();
    return must(
        sealPrivate(
            suite_, std::move(content),
            {.senderDataSecret = senderDataSecret, .leaf = kSender, .generation = key.generation(), .key = key.key()},
            random_),
        "an own private message");
  }

  const crypto::Suite& suite_;
  const Json& json_;
  SecretBytes signatureKey_;
  Bytes context_;
  test::SeededRandom random_{10};
};

}  // namespace

void checkMessageProtection(const Json& vector) {
  Protection protection(vector);
  protection.check("proposal", {must(decode<Proposal>(vector["proposal"].hex()), "proposal")});
  protection.check("commit", {must(decode<Commit>(vector["commit"].hex()), "commit")});
  protection.check("application", {ApplicationData{vector["application"].hex()}});
}

void checkWelcome(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  auto keyPackageMessage = decoded<MLSMessage>(vector, "key_package");
  auto welcomeMessage = decoded<MLSMessage>(vector, "welcome");
  const auto* keyPackage = keyPackageMessage.as<KeyPackage>();
  const auto* welcome = welcomeMessage.as<Welcome>();
  expect(keyPackage != nullptr && welcome != nullptr, "key_package or welcome is another message");
  SecretBytes initKey = kemKey(suite, vector["init_priv"]);
  OpenedWelcome opened = must(openWelcome(suite, *welcome, *keyPackage, initKey.expose(), {}), "welcome");
  must(verifyGroupInfo(suite, opened.groupInfo, vector["signer_pub"].hex()), "the GroupInfo's signature");
  SecretBytes epoch = epochSecret(suite, opened.secrets.joinerSecret.expose(), zeroSecret(suite).expose(),
                                  encode(opened.groupInfo.groupContext));
  EpochSecrets secrets = deriveEpochSecrets(suite, epoch.expose());
  expectEqual(
      confirmationTag(suite, secrets.confirmationKey.expose(), opened.groupInfo.groupContext.confirmedTranscriptHash),
      opened.groupInfo.confirmationTag, "confirmation_tag");
}

}  // namespace qpq::mls::vectors
