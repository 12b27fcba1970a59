#include "mls/message/framing.h"

namespace qpq::mls {

Decoded<FramedContentAuthData> FramedContentAuthData::read(Reader& in, ContentType type) {
  FramedContentAuthData auth;
  auth.signature = TRY(qpq::read<Bytes>(in));
  if (type == ContentType::commit) auth.confirmationTag = TRY(qpq::read<Bytes>(in));
  return auth;
}

Decoded<AuthenticatedContent> AuthenticatedContent::read(Reader& in) {
  AuthenticatedContent message;
  message.wireFormat = TRY(qpq::read<WireFormat>(in));
  message.content = TRY(qpq::read<FramedContent>(in));
  message.auth = TRY(FramedContentAuthData::read(in, message.content.content.type()));
  return message;
}

Decoded<PublicMessage> PublicMessage::read(Reader& in) {
  PublicMessage message;
  message.content = TRY(qpq::read<FramedContent>(in));
  message.auth = TRY(FramedContentAuthData::read(in, message.content.content.type()));
  if (message.content.sender.type() == SenderType::member) message.membershipTag = TRY(qpq::read<Bytes>(in));
  return message;
}

Decoded<PrivateMessageContent> PrivateMessageContent::read(Reader& in, ContentType type) {
  PrivateMessageContent message;
  message.content = TRY(Content::Of::readBody<decltype(Content::body)>(in, type));
  message.auth = TRY(FramedContentAuthData::read(in, type));
  message.paddingSize = in.rest().size();
  while (!in.atEnd()) {
    Reader before = in;
    if (TRY(in.u8()) != 0) return before.fail(DecodeError::Code::invalid);
  }
  return message;
}

}  // namespace qpq::mls
