#include "crypto/xwing.h"

#include "base/try.h"
#include "crypto/exact.h"
#include "crypto/hash.h"
#include "crypto/mlkem768.h"
#include "crypto/x25519.h"

namespace qpq::crypto {

using detail::exactArray;

namespace {

constexpr ByteArray<6> kLabel{0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};  // §5.3: \.//^\ in ASCII

struct Expanded {
  Secret<64> mlkemSeed;
  Secret<32> x25519Key;
};

Expanded expand(const Secret<32>& seed) {  // §5.2 expandDecapsulationKey
  Secret<96> wide;
  shake256({seed.expose()}, wide.writable());
  return {.mlkemSeed = Secret<64>(wide.expose().first<64>()), .x25519Key = Secret<32>(wide.expose().last<32>())};
}

Secret<32> combine(const Secret<32>& mlkemSecret, const Secret<32>& x25519Secret, ByteView ephemeral,
                   ByteView recipient) {
  Secret<32> shared;
  hashInto(HashId::sha3_256, {mlkemSecret.expose(), x25519Secret.expose(), ephemeral, recipient, kLabel},
           shared.writable());
  return shared;
}

}  // namespace

Bytes xwingPublicKey(const Secret<32>& seed) {
  Expanded key = expand(seed);
  return concat({mlKem768PublicKey(key.mlkemSeed), x25519PublicKey(key.x25519Key)});
}

Result<XWingEncapsulation> xwingEncapsulate(ByteView publicKey, const Secret<64>& randomness) {
  if (publicKey.size() != kXWingPublicKeySize) return std::unexpected(CryptoError::badLength);
  auto recipient = TRY(exactArray<32>(publicKey.subspan(kMlKem768PublicKeySize)));
  Secret<32> message(randomness.expose().first<32>());
  Secret<32> ephemeralKey(randomness.expose().last<32>());

  auto mlkem = TRY(mlKem768Encapsulate(publicKey.first(kMlKem768PublicKeySize), message));
  Secret<32> x25519Secret = TRY(x25519(ephemeralKey, recipient));
  X25519PublicKey ephemeral = x25519PublicKey(ephemeralKey);
  return XWingEncapsulation{.sharedSecret = combine(mlkem.sharedSecret, x25519Secret, ephemeral, recipient),
                            .ciphertext = concat({mlkem.ciphertext, ephemeral})};
}

Result<Secret<32>> xwingDecapsulate(const Secret<32>& seed, ByteView ciphertext) {
  if (ciphertext.size() != kXWingCiphertextSize) return std::unexpected(CryptoError::badLength);
  auto ephemeral = TRY(exactArray<32>(ciphertext.subspan(kMlKem768CiphertextSize)));
  Expanded key = expand(seed);
  Secret<32> mlkemSecret = TRY(mlKem768Decapsulate(key.mlkemSeed, ciphertext.first(kMlKem768CiphertextSize)));
  Secret<32> x25519Secret = TRY(x25519(key.x25519Key, ephemeral));
  return combine(mlkemSecret, x25519Secret, ephemeral, x25519PublicKey(key.x25519Key));
}

}  // namespace qpq::crypto
