#include "mls/framing/content.h"

#include <catch2/catch_test_macros.hpp>

#include "support/seeded_random.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteXWing;
using test::SeededRandom;

TEST_CASE("the signature binds content, wire format, context and sender") {
  SeededRandom random(8);
  auto key = crypto::generateSignatureKey(kSuiteXWing.signature, random);
  Bytes context = encode(GroupContext{.groupId = {1}});
  FramedContent content{.groupId = {1}, .epoch = {3}, .sender = {MemberSender{{1}}}, .content = {ApplicationData{{9}}}};
  AuthenticatedContent message =
      signContent(kSuiteXWing, key.privateKey.expose(), WireFormat::privateMessage, content, context).value();
  auto verify = [&](const AuthenticatedContent& changed) {
    return verifyContent(kSuiteXWing, key.publicKey, changed, context);
  };
  REQUIRE(verify(message));

  AuthenticatedContent changed = message;
  changed.wireFormat = WireFormat::publicMessage;
  CHECK(verify(changed).error() == Error(ErrorCode::messageSignature));
  changed = message;
  changed.content.epoch = {4};
  CHECK_FALSE(verify(changed));
  changed = message;
  changed.content.sender = {MemberSender{{2}}};
  CHECK_FALSE(verify(changed));
  changed = message;
  changed.content.authenticatedData = {1};
  CHECK_FALSE(verify(changed));
  changed = message;
  changed.content.content = {ApplicationData{{8}}};
  CHECK_FALSE(verify(changed));
  changed = message;
  changed.auth.signature.clear();
  CHECK(verify(changed).error() == Error(ErrorCode::messageSignature));
  CHECK_FALSE(verifyContent(kSuiteXWing, key.publicKey, message, encode(GroupContext{.groupId = {2}})));
}

TEST_CASE("a proposal reference names the signed message, not the proposal alone") {
  AuthenticatedContent a{.wireFormat = WireFormat::privateMessage,
                         .content = {.sender = {MemberSender{{1}}}, .content = {Proposal{SelfRemove{}}}},
                         .auth = {.signature = {1}}};
  AuthenticatedContent b = a;
  b.content.sender = {MemberSender{{2}}};
  CHECK(proposalRef(kSuiteXWing, a).size() == 48);
  CHECK(proposalRef(kSuiteXWing, a) != proposalRef(kSuiteXWing, b));
}

}  // namespace
}  // namespace qpq::mls
