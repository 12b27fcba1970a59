#include "mls/schedule/labelled.h"

#include "crypto/hkdf.h"
#include "crypto/hpke.h"
#include "mls/message/commit.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kPrefix = "MLS 1.0 ";

// opaque label<V>, with the prefix every label of MLS carries.
template <class W>
void writeLabel(W& out, std::string_view label) {
  out.length(kPrefix.size() + label.size());
  out.bytes(asBytes(kPrefix));
  out.bytes(asBytes(label));
}

// SignContent and EncryptContext have the same form: { opaque label<V>; opaque content<V>; }. What stands before the
// content's bytes:
Writer beforeContent(std::string_view label, std::size_t contentSize) {
  Writer out;
  writeLabel(out, label);
  out.length(contentSize);
  return out;
}
Bytes labelled(std::string_view label, ByteView content) {
  return concat({beforeContent(label, content.size()).view(), content});
}

}  // namespace

Result<Bytes> signWithLabel(const crypto::Suite& suite, crypto::Signer signer, std::string_view label,
                            ByteView content) {
  return TRY(signer.sign(suite.signature, labelled(label, content)));
}

void beginSignContent(Writer& out, std::string_view label, std::size_t contentSize) {
  out.bytes(beforeContent(label, contentSize).view());
}

Result<void> verifyWithLabel(const crypto::Suite& suite, ByteView publicKey, std::string_view label, ByteView content,
                             ByteView signature) {
  TRY(crypto::verify(suite.signature, publicKey, labelled(label, content), signature));
  return {};
}

Result<HPKECiphertext> encryptWithLabel(const crypto::Suite& suite, ByteView publicKey, std::string_view label,
                                        ByteView context, ByteView plaintext, Random& random) {
  auto sealed = TRY(crypto::hpkeSeal(TRY(encryptContext(suite, label, context)), publicKey, {}, plaintext, random));
  return HPKECiphertext{std::move(sealed.kemOutput), std::move(sealed.ciphertext)};
}

Result<SecretBytes> decryptWithLabel(const crypto::Suite& suite, ByteView privateKey, std::string_view label,
                                     ByteView context, const HPKECiphertext& ciphertext) {
  return TRY(crypto::hpkeOpen(TRY(encryptContext(suite, label, context)), privateKey, ciphertext.kemOutput, {},
                              ciphertext.ciphertext));
}

Result<crypto::HpkeInfo> encryptContext(const crypto::Suite& suite, std::string_view label, ByteView context) {
  return TRY(crypto::HpkeInfo::of(suite.hpke(), beforeContent(label, context.size()).view(), context));
}

Bytes refHash(const crypto::Suite& suite, std::string_view label, ByteView value) {
  Writer input;
  input.opaque(asBytes(label));
  input.opaque(value);
  return crypto::hash(suite.hash, input.view());
}

SecretBytes expandWithLabel(const crypto::Suite& suite, ByteView secret, std::string_view label, ByteView context,
                            std::size_t length) {
  Writer info;
  info.u16(static_cast<uint16_t>(length));
  writeLabel(info, label);
  info.opaque(context);
  return crypto::hkdfExpand(suite.hash, secret, info.view(), length).value();
}

SecretBytes deriveSecret(const crypto::Suite& suite, ByteView secret, std::string_view label) {
  return expandWithLabel(suite, secret, label, {}, crypto::hashSize(suite.hash));
}

SecretBytes deriveTreeSecret(const crypto::Suite& suite, ByteView secret, std::string_view label, uint32_t generation,
                             std::size_t length) {
  Writer context;
  context.u32(generation);
  return expandWithLabel(suite, secret, label, context.view(), length);
}

}  // namespace qpq::mls
