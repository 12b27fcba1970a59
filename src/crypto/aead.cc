#include "crypto/aead.h"

#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::cipherContext;
using detail::failedAs;
using detail::require;

namespace {

enum class Direction : int { open = 0, seal = 1 };

// The thread's cipher context, keyed for one message; keyed with zeros again when the message is done.
class Keyed {
 public:
  Keyed(AeadId id, Direction direction, ByteView key, ByteView nonce): context_(cipherContext(id)) {
    begin(key, nonce, static_cast<int>(direction));
  }
  Keyed(const Keyed&) = delete;
  Keyed& operator=(const Keyed&) = delete;
  ~Keyed() {
    static constexpr ByteArray<32> kZeroKey{};
    static constexpr ByteArray<kAeadNonceSize> kZeroNonce{};
    begin(kZeroKey, kZeroNonce, 1);
  }

  void associate(ByteView data) {
    int written = 0;
    if (data.empty()) return;
    require(EVP_CipherUpdate(context_, nullptr, &written, data.data(), static_cast<int>(data.size())) == 1,
            "EVP_CipherUpdate");
  }
  void transform(ByteView in, ByteSpan out) {
    int written = 0;
    if (in.empty()) return;
    require(EVP_CipherUpdate(context_, out.data(), &written, in.data(), static_cast<int>(in.size())) == 1,
            "EVP_CipherUpdate");
  }
  bool finish() {
    ByteArray<kAeadTagSize> nothing;  // none of the three holds anything back, but the call wants a place
    int written = 0;
    return EVP_CipherFinal_ex(context_, nothing.data(), &written) == 1;
  }
  void readTag(ByteSpan tag) { control(EVP_CTRL_AEAD_GET_TAG, tag.data()); }
  void expectTag(ByteView tag) { control(EVP_CTRL_AEAD_SET_TAG, const_cast<uint8_t*>(tag.data())); }

 private:
  void begin(ByteView key, ByteView nonce, int encrypt) {
    require(EVP_CipherInit_ex2(context_, nullptr, key.data(), nonce.data(), encrypt, nullptr) == 1,
            "EVP_CipherInit_ex2");
  }
  void control(int command, uint8_t* tag) {
    require(EVP_CIPHER_CTX_ctrl(context_, command, kAeadTagSize, tag) == 1, "EVP_CIPHER_CTX_ctrl");
  }

  EVP_CIPHER_CTX* context_;
};

bool fits(AeadId id, ByteView key, ByteView nonce, ByteView associatedData, ByteView text) {
  return key.size() == aeadKeySize(id) && nonce.size() == kAeadNonceSize && associatedData.size() <= kAeadInputMax &&
         text.size() <= kAeadInputMax;
}

}  // namespace

Result<Bytes> aeadSeal(AeadId id, ByteView key, ByteView nonce, ByteView associatedData, ByteView plaintext) {
  if (!fits(id, key, nonce, associatedData, plaintext)) return std::unexpected(CryptoError::badLength);
  Bytes sealed(plaintext.size() + kAeadTagSize);
  Keyed cipher(id, Direction::seal, key, nonce);
  cipher.associate(associatedData);
  cipher.transform(plaintext, sealed);
  require(cipher.finish(), "EVP_CipherFinal_ex");
  cipher.readTag(ByteSpan(sealed).last(kAeadTagSize));
  return sealed;
}

Result<SecretBytes> aeadOpen(AeadId id, ByteView key, ByteView nonce, ByteView associatedData, ByteView ciphertext) {
  if (ciphertext.size() < kAeadTagSize) return std::unexpected(CryptoError::badLength);
  ByteView text = ciphertext.first(ciphertext.size() - kAeadTagSize);
  if (!fits(id, key, nonce, associatedData, text)) return std::unexpected(CryptoError::badLength);
  SecretBytes opened(text.size());
  Keyed cipher(id, Direction::open, key, nonce);
  cipher.expectTag(ciphertext.last(kAeadTagSize));
  cipher.associate(associatedData);
  cipher.transform(text, opened.writable());
  if (!cipher.finish()) return std::unexpected(failedAs(CryptoError::badTag));
  return opened;
}

}  // namespace qpq::crypto
