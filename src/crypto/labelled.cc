#include "crypto/labelled.h"

#include "crypto/hkdf.h"

namespace qpq::crypto::detail {

SecretBytes LabelledHkdf::extract(ByteView salt, std::string_view label, ByteView inputKeyMaterial,
                                  ByteView rest) const {
  // HKDF-Extract is one HMAC, so the parts need not be copied into one buffer first.
  return hmac(hash, salt, {asBytes(kHpkeVersion), suiteId, asBytes(label), inputKeyMaterial, rest});
}

Result<SecretBytes> LabelledHkdf::expand(ByteView pseudoRandomKey, std::string_view label, ByteView info,
                                         std::size_t length) const {
  Bytes labelled = concat({twoBytes(length), asBytes(kHpkeVersion), suiteId, asBytes(label), info});
  return hkdfExpand(hash, pseudoRandomKey, labelled, length);
}

}  // namespace qpq::crypto::detail
