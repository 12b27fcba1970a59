#include "mls/framing/content.h"

#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kLabel = "FramedContentTBS";

}  // namespace

Result<AuthenticatedContent> signContent(const crypto::Suite& suite, crypto::Signer signer, WireFormat wireFormat,
                                         FramedContent content, ByteView groupContext) {
  AuthenticatedContent message{.wireFormat = wireFormat, .content = std::move(content), .auth = {}};
  Bytes tbs = encode(FramedContentTBS{wireFormat, message.content, groupContext});
  message.auth.signature = TRY(signWithLabel(suite, signer, kLabel, tbs));
  return message;
}

Result<void> verifyContent(const crypto::Suite& suite, ByteView publicKey, const AuthenticatedContent& message,
                           ByteView groupContext) {
  Bytes tbs = encode(FramedContentTBS{message.wireFormat, message.content, groupContext});
  if (!verifyWithLabel(suite, publicKey, kLabel, tbs, message.auth.signature)) {
    return fail(ErrorCode::messageSignature);
  }
  return {};
}

ProposalRef proposalRef(const crypto::Suite& suite, const AuthenticatedContent& proposal) {
  return refHash(suite, "MLS 1.0 Proposal Reference", encode(proposal));
}

}  // namespace qpq::mls
