#include "mls/framing/public_message.h"

#include "crypto/hkdf.h"

namespace qpq::mls {
namespace {

Result<void> checkForm(const FramedContent& content) {
  if (content.content.type() == ContentType::application) return fail(ErrorCode::applicationNotEncrypted);
  if (content.sender.type() != SenderType::member) return fail(ErrorCode::wrongSenderType);
  return {};
}

Bytes membershipTag(const crypto::Suite& suite, ByteView membershipKey, const FramedContent& content,
                    const FramedContentAuthData& auth, ByteView groupContext) {
  Bytes tbm = encode(AuthenticatedContentTBM{{WireFormat::publicMessage, content, groupContext}, auth});
  return toBytes(crypto::hmac(suite.hash, membershipKey, {tbm}).expose());
}

}  // namespace

Result<PublicMessage> protectPublic(const crypto::Suite& suite, ByteView membershipKey, AuthenticatedContent message,
                                    ByteView groupContext) {
  TRY(checkForm(message.content));
  if (message.wireFormat != WireFormat::publicMessage) return fail(ErrorCode::wrongWireFormat);
  Bytes tag = membershipTag(suite, membershipKey, message.content, message.auth, groupContext);
  return PublicMessage{std::move(message.content), std::move(message.auth), std::move(tag)};
}

Result<AuthenticatedContent> unprotectPublic(const crypto::Suite& suite, ByteView membershipKey, PublicMessage message,
                                             ByteView groupContext) {
  TRY(checkForm(message.content));
  Bytes expected = membershipTag(suite, membershipKey, message.content, message.auth, groupContext);
  if (!constantTimeEqual(expected, message.membershipTag)) return fail(ErrorCode::membershipTag);
  return AuthenticatedContent{WireFormat::publicMessage, std::move(message.content), std::move(message.auth)};
}

}  // namespace qpq::mls
