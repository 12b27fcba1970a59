#include "mls/framing/private_message.h"

#include <algorithm>

#include "crypto/aead.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

// §6.3.1: should a sender lose its place in the ratchet and use a key twice, the nonce still differs.
SecretBytes guarded(const SecretBytes& nonce, const ByteArray<4>& reuseGuard) {
  SecretBytes result = nonce.clone();
  for (std::size_t i = 0; i < reuseGuard.size(); ++i) result.writable()[i] ^= reuseGuard[i];
  return result;
}

Bytes contentAad(const PrivateMessage& message) {
  return encode(PrivateContentAAD{message.groupId, message.epoch, message.contentType, message.authenticatedData});
}

Bytes senderDataAad(const PrivateMessage& message) {
  return encode(SenderDataAAD{message.groupId, message.epoch, message.contentType});
}

}  // namespace

AeadKey senderDataKey(const crypto::Suite& suite, ByteView senderDataSecret, ByteView ciphertext) {
  ByteView sample = ciphertext.first(std::min(ciphertext.size(), crypto::hashSize(suite.hash)));
  return {expandWithLabel(suite, senderDataSecret, "key", sample, crypto::aeadKeySize(suite.aead)),
          expandWithLabel(suite, senderDataSecret, "nonce", sample, crypto::kAeadNonceSize)};
}

Result<PrivateMessage> sealPrivate(const crypto::Suite& suite, AuthenticatedContent message, const SealOptions& options,
                                   Random& random) {
  FramedContent& content = message.content;
  const auto* sender = content.sender.as<MemberSender>();
  if (sender == nullptr || sender->leafIndex != options.leaf) return fail(ErrorCode::wrongSenderType);
  if (message.wireFormat != WireFormat::privateMessage) return fail(ErrorCode::wrongWireFormat);

  PrivateMessage sealed{.groupId = std::move(content.groupId),
                        .epoch = content.epoch,
                        .contentType = content.content.type(),
                        .authenticatedData = std::move(content.authenticatedData)};
  Bytes plaintext = encode(PrivateMessageContent{std::move(content.content.body), std::move(message.auth)});
  plaintext.resize(paddedSize(options.padding, plaintext.size()));
  SenderData senderData{options.leaf, options.generation, random.bytes<4>()};
  SecretBytes nonce = guarded(options.key.nonce, senderData.reuseGuard);
  sealed.ciphertext =
      TRY(crypto::aeadSeal(suite.aead, options.key.key.expose(), nonce.expose(), contentAad(sealed), plaintext));

  AeadKey outer = senderDataKey(suite, options.senderDataSecret, sealed.ciphertext);
  sealed.encryptedSenderData = TRY(crypto::aeadSeal(suite.aead, outer.key.expose(), outer.nonce.expose(),
                                                    senderDataAad(sealed), encode(senderData)));
  return sealed;
}

Result<SenderData> openSenderData(const crypto::Suite& suite, ByteView senderDataSecret,
                                  const PrivateMessage& message) {
  AeadKey key = senderDataKey(suite, senderDataSecret, message.ciphertext);
  SecretBytes plaintext = TRY(crypto::aeadOpen(suite.aead, key.key.expose(), key.nonce.expose(), senderDataAad(message),
                                               message.encryptedSenderData));
  return TRY(decode<SenderData>(plaintext.expose()));
}

Result<AuthenticatedContent> openPrivate(const crypto::Suite& suite, const PrivateMessage& message,
                                         const SenderData& senderData, const AeadKey& key) {
  SecretBytes nonce = guarded(key.nonce, senderData.reuseGuard);
  SecretBytes plaintext =
      TRY(crypto::aeadOpen(suite.aead, key.key.expose(), nonce.expose(), contentAad(message), message.ciphertext));
  Reader in(plaintext.expose());
  PrivateMessageContent content = TRY(PrivateMessageContent::read(in, message.contentType));
  return AuthenticatedContent{.wireFormat = WireFormat::privateMessage,
                              .content = {.groupId = message.groupId,
                                          .epoch = message.epoch,
                                          .sender = {MemberSender{senderData.leafIndex}},
                                          .authenticatedData = message.authenticatedData,
                                          .content = {std::move(content.content)}},
                              .auth = std::move(content.auth)};
}

}  // namespace qpq::mls
