#include "mls/framing/public_message.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/framing/content.h"
#include "support/seeded_random.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteXWing;
using test::SeededRandom;

struct Scene {
  SeededRandom random{7};
  crypto::SignatureKeyPair key = crypto::generateSignatureKey(kSuiteXWing.signature, random);
  Bytes membershipKey = Bytes(48, 5);
  Bytes context = encode(GroupContext{.groupId = {1, 2, 3}});

  AuthenticatedContent signedContent(Sender sender, Content content) {
    FramedContent framed{.groupId = {1, 2, 3}, .sender = std::move(sender), .content = std::move(content)};
    return signContent(kSuiteXWing, key.privateKey.expose(), WireFormat::publicMessage, std::move(framed), context)
        .value();
  }
  AuthenticatedContent proposal() { return signedContent({MemberSender{{1}}}, {Proposal{Remove{{4}}}}); }
  PublicMessage message() { return protectPublic(kSuiteXWing, membershipKey, proposal(), context).value(); }
  Result<AuthenticatedContent> open(PublicMessage message) {
    return unprotectPublic(kSuiteXWing, membershipKey, std::move(message), context);
  }
};

TEST_CASE("a public message gives back the signed content it was made from") {
  Scene scene;
  auto opened = scene.open(scene.message());
  CHECK(opened == scene.proposal());
  CHECK(verifyContent(kSuiteXWing, scene.key.publicKey, *opened, scene.context));
}

// OpenMLS GHSA-8x3w-qj7j-gqhf: a comparison by pairs took a truncated or empty tag for the right one.
TEST_CASE("a membership tag of any other length or content is refused") {
  Scene scene;
  PublicMessage message = scene.message();
  MAC tag = message.membershipTag;
  REQUIRE(tag.size() == 48);
  for (std::size_t size = 0; size < tag.size(); ++size) {
    message.membershipTag = Bytes(tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(scene.open(message).error() == Error(ErrorCode::membershipTag));
  }
  message.membershipTag = tag;
  message.membershipTag.push_back(0);
  CHECK_FALSE(scene.open(message));
  for (std::size_t i = 0; i < tag.size(); ++i) {
    message.membershipTag = tag;
    message.membershipTag[i] ^= 1;
    CHECK_FALSE(scene.open(message));
  }
}

TEST_CASE("the membership tag covers content, signature, context and key") {
  Scene scene;
  PublicMessage message = scene.message();
  message.content.authenticatedData = {1};
  CHECK_FALSE(scene.open(message));
  message = scene.message();
  message.auth.signature[0] ^= 1;
  CHECK_FALSE(scene.open(message));
  CHECK_FALSE(unprotectPublic(kSuiteXWing, scene.membershipKey, scene.message(), Bytes{1}));
  CHECK_FALSE(unprotectPublic(kSuiteXWing, Bytes(48, 6), scene.message(), scene.context));
}

TEST_CASE("application data does not travel in clear, and only members have a membership key") {
  Scene scene;
  AuthenticatedContent data = scene.signedContent({MemberSender{{1}}}, {ApplicationData{{1}}});
  CHECK(protectPublic(kSuiteXWing, scene.membershipKey, data, scene.context).error() ==
        Error(ErrorCode::applicationNotEncrypted));
  CHECK(scene.open({data.content, data.auth, {}}).error() == Error(ErrorCode::applicationNotEncrypted));
  AuthenticatedContent outsider = scene.signedContent({ExternalSenderIndex{}}, {Proposal{Remove{{4}}}});
  CHECK(protectPublic(kSuiteXWing, scene.membershipKey, outsider, scene.context).error() ==
        Error(ErrorCode::wrongSenderType));
  CHECK(scene.open({outsider.content, outsider.auth, {}}).error() == Error(ErrorCode::wrongSenderType));
  AuthenticatedContent sealed = scene.proposal();
  sealed.wireFormat = WireFormat::privateMessage;
  CHECK(protectPublic(kSuiteXWing, scene.membershipKey, sealed, scene.context).error() ==
        Error(ErrorCode::wrongWireFormat));
}

}  // namespace
}  // namespace qpq::mls
