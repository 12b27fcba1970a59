#include "mls/framing/private_message.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/framing/content.h"
#include "mls/framing/public_message.h"
#include "mls/schedule/secret_tree.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteXWing;
using test::Json;
using test::SeededRandom;

constexpr RatchetWindow kWindow{.forwardStepsMax = 10, .skippedKeysMax = 10};

struct Scene {
  SeededRandom random{9};
  Bytes senderDataSecret = Bytes(48, 3);
  AeadKey key{SecretBytes(Bytes(32, 1)), SecretBytes(Bytes(12, 2))};

  AuthenticatedContent content(std::size_t size = 5) {
    return {.wireFormat = WireFormat::privateMessage,
            .content = {.groupId = {1, 2},
                        .epoch = {7},
                        .sender = {MemberSender{{4}}},
                        .authenticatedData = {9, 9},
                        .content = {ApplicationData{Bytes(size, 6)}}},
            .auth = {.signature = Bytes(64, 8)}};
  }
  PrivateMessage seal(Padding padding = Padding::padme, std::size_t size = 5) {
    return sealPrivate(
               kSuiteXWing, content(size),
               {.senderDataSecret = senderDataSecret, .leaf = {4}, .generation = {11}, .key = key, .padding = padding},
               random)
        .value();
  }
  Result<AuthenticatedContent> open(const PrivateMessage& message) {
    SenderData sender = TRY(openSenderData(kSuiteXWing, senderDataSecret, message));
    return openPrivate(kSuiteXWing, message, sender, key);
  }
  // A message of this content whose plaintext is given byte by byte.
  PrivateMessage sealBytes(ByteView plaintext) {
    PrivateMessage message = seal();
    Bytes aad =
        encode(PrivateContentAAD{message.groupId, message.epoch, message.contentType, message.authenticatedData});
    message.ciphertext =
        crypto::aeadSeal(kSuiteXWing.aead, key.key.expose(), key.nonce.expose(), aad, plaintext).value();
    return message;
  }
};

TEST_CASE("a private message gives back the content, its sender and generation") {
  Scene scene;
  PrivateMessage message = scene.seal();
  auto sender = openSenderData(kSuiteXWing, scene.senderDataSecret, message).value();
  CHECK(sender.leafIndex == LeafIndex{4});
  CHECK(sender.generation == Generation{11});
  CHECK(openPrivate(kSuiteXWing, message, sender, scene.key) == scene.content());
}

TEST_CASE("padding hides the length and is taken off again") {
  Scene scene;
  CHECK(scene.seal(Padding::padme, 0).ciphertext.size() == kPaddedSizeMin + crypto::kAeadTagSize);
  CHECK(scene.seal(Padding::padme, 100).ciphertext.size() == kPaddedSizeMin + crypto::kAeadTagSize);
  CHECK(scene.seal(Padding::none, 100).ciphertext.size() < kPaddedSizeMin);
  CHECK(scene.open(scene.seal(Padding::padme, 70'000)) == scene.content(70'000));
  CHECK(scene.open(scene.seal(Padding::none, 70'000)) == scene.content(70'000));
}

TEST_CASE("padding that is not all zeros is malformed (RFC 9420 §6.3.1)") {
  Scene scene;
  Bytes plaintext = encode(PrivateMessageContent{scene.content().content.content.body, scene.content().auth, 4});
  SenderData noGuard{{4}, {11}, {}};
  CHECK(openPrivate(kSuiteXWing, scene.sealBytes(plaintext), noGuard, scene.key) == scene.content());
  for (std::size_t i = 1; i <= 4; ++i) {
    Bytes changed = plaintext;
    changed[changed.size() - i] = 1;
    CHECK(openPrivate(kSuiteXWing, scene.sealBytes(changed), noGuard, scene.key).error().code == ErrorCode::malformed);
  }
}

TEST_CASE("any changed byte of a private message is refused") {
  Scene scene;
  Bytes wire = encode(scene.seal(Padding::none));
  for (std::size_t i = 0; i < wire.size(); ++i) {
    Bytes changed = wire;
    changed[i] ^= 0x40;
    auto message = decode<PrivateMessage>(changed);
    if (!message) continue;
    INFO("byte " << i);
    CHECK_FALSE(scene.open(*message));
  }
}

TEST_CASE("the reuse guard makes two messages of one generation differ") {
  Scene scene;
  CHECK(scene.seal().ciphertext != scene.seal().ciphertext);
}

TEST_CASE("only a member's own content is sealed, and only as a private message") {
  Scene scene;
  AuthenticatedContent other = scene.content();
  other.content.sender = {MemberSender{{5}}};
  AuthenticatedContent clear = scene.content();
  clear.wireFormat = WireFormat::publicMessage;
  SealOptions options{.senderDataSecret = scene.senderDataSecret, .leaf = {4}, .generation = {0}, .key = scene.key};
  CHECK(sealPrivate(kSuiteXWing, other, options, scene.random).error() == Error(ErrorCode::wrongSenderType));
  CHECK(sealPrivate(kSuiteXWing, clear, options, scene.random).error() == Error(ErrorCode::wrongWireFormat));
}

TEST_CASE("a ciphertext shorter than the sample is no sender data") {
  Scene scene;
  PrivateMessage message = scene.seal();
  for (std::size_t size : {0U, 1U, 47U}) {
    message.ciphertext.resize(size);
    CHECK_FALSE(openSenderData(kSuiteXWing, scene.senderDataSecret, message));
  }
}

// message-protection.json: one case, three messages, both wire formats, in both directions.
struct VectorCase {
  explicit VectorCase(const crypto::Suite& suite, const Json& json): suite(suite), json(json) {}
  const crypto::Suite& suite;
  const Json& json;
  SeededRandom random{10};
  Bytes groupContext() const {
    return encode(GroupContext{.cipherSuite = CipherSuiteId{suite.id},
                               .groupId = json["group_id"].hex(),
                               .epoch = {json["epoch"].number()},
                               .treeHash = json["tree_hash"].hex(),
                               .confirmedTranscriptHash = json["confirmed_transcript_hash"].hex()});
  }
  SecretTree tree() const { return {suite, 2, SecretBytes(json["encryption_secret"].hex())}; }

  AuthenticatedContent open(const MLSMessage& message) const {
    Bytes context = groupContext();
    AuthenticatedContent content;
    if (const auto* clear = message.as<PublicMessage>()) {
      content = unprotectPublic(suite, json["membership_key"].hex(), *clear, context).value();
    } else {
      const auto& sealed = *message.as<PrivateMessage>();
      SenderData sender = openSenderData(suite, json["sender_data_secret"].hex(), sealed).value();
      REQUIRE(sender.leafIndex == LeafIndex{1});
      auto type = sealed.contentType == ContentType::application ? RatchetType::application : RatchetType::handshake;
      StagedKey key = tree().stage({1}, type, sender.generation, kWindow).value();
      content = openPrivate(suite, sealed, sender, key.key()).value();
    }
    CHECK(verifyContent(suite, json["signature_pub"].hex(), content, context));
    return content;
  }
  AuthenticatedContent sign(WireFormat format, Content content) const {
    FramedContent framed{.groupId = json["group_id"].hex(),
                         .epoch = {json["epoch"].number()},
                         .sender = {MemberSender{{1}}},
                         .authenticatedData = {1, 2, 3},
                         .content = std::move(content)};
    return signContent(suite, json["signature_priv"].hex(), format, std::move(framed), groupContext()).value();
  }
  PrivateMessage seal(AuthenticatedContent content) {
    auto type =
        content.content.content.type() == ContentType::application ? RatchetType::application : RatchetType::handshake;
    StagedKey key = tree().stageNext({1}, type).value();
    Bytes senderDataSecret = json["sender_data_secret"].hex();
    return sealPrivate(
               suite, std::move(content),
               {.senderDataSecret = senderDataSecret, .leaf = {1}, .generation = key.generation(), .key = key.key()},
               random)
        .value();
  }
  // `name`: the given messages; `content`: what they must carry, and what is sent back and forth.
  void check(const std::string& name, Content content) {
    INFO(name);
    if (auto clear = json.find(name + "_pub")) {
      CHECK(open(decode<MLSMessage>(clear->hex()).value()).content.content == content);
      AuthenticatedContent mine = sign(WireFormat::publicMessage, content);
      auto sealed = protectPublic(suite, json["membership_key"].hex(), mine, groupContext()).value();
      CHECK(open(MLSMessage{.message = {sealed}}) == mine);
    } else {
      CHECK(protectPublic(suite, json["membership_key"].hex(), sign(WireFormat::publicMessage, content), groupContext())
                .error() == Error(ErrorCode::applicationNotEncrypted));
    }
    CHECK(open(decode<MLSMessage>(json[name + "_priv"].hex()).value()).content.content == content);
    AuthenticatedContent mine = sign(WireFormat::privateMessage, content);
    CHECK(open(MLSMessage{.message = {seal(mine)}}) == mine);
  }
};

TEST_CASE("message-protection.json") {
  auto file = test::VectorFile::open("mls/message-protection.json");
  if (!file) return;
  for (const Json& c : file->json().items()) {
    const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(c["cipher_suite"].number()));
    if (suite == nullptr) continue;
    VectorCase vector(*suite, c);
    vector.check("proposal", {decode<Proposal>(c["proposal"].hex()).value()});
    vector.check("commit", {decode<Commit>(c["commit"].hex()).value()});
    vector.check("application", {ApplicationData{c["application"].hex()}});
    file->verified();
  }
}

}  // namespace
}  // namespace qpq::mls
