#include "mls/framing/private_message.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/framing/content.h"
#include "mls/framing/public_message.h"
#include "mls/schedule/secret_tree.h"
#include "support/seeded_random.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteXWing;
using test::SeededRandom;

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

}  // namespace
}  // namespace qpq::mls
