#include "mls/schedule/psk_secret.h"

#include "crypto/hkdf.h"
#include "mls/schedule/key_schedule.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {

SecretBytes pskSecret(const crypto::Suite& suite, std::span<const PskInput> psks) {
  SecretBytes zero = zeroSecret(suite);
  SecretBytes secret = zero.clone();
  for (std::size_t i = 0; i < psks.size(); ++i) {
    PSKLabel label{psks[i].id, static_cast<uint16_t>(i), static_cast<uint16_t>(psks.size())};
    SecretBytes extracted = crypto::hkdfExtract(suite.hash, zero.expose(), psks[i].key);
    SecretBytes input = expandWithLabel(suite, extracted.expose(), "derived psk", encode(label), zero.size());
    secret = crypto::hkdfExtract(suite.hash, input.expose(), secret.expose());
  }
  return secret;
}

}  // namespace qpq::mls
