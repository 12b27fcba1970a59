#include "opaque/oprf.h"

#include "crypto/hash.h"
#include "opaque/limits.h"

namespace qpq::opaque {

namespace {

using namespace std::string_view_literals;

// RFC 9497 §3.1: contextString = "OPRFV1-" || I2OSP(mode, 1) || "-" || identifier; the domain separation tags of §4.1
// and §3.2.1 before it.
constexpr std::string_view kHashToGroupTag = "HashToGroup-OPRFV1-\0-ristretto255-SHA512"sv;
constexpr std::string_view kDeriveKeyPairTag = "DeriveKeyPairOPRFV1-\0-ristretto255-SHA512"sv;

void secretHash(std::initializer_list<ByteView> parts, Key& out) {
  crypto::hashInto(crypto::HashId::sha512, parts, out.writable());
}

// RFC 9380 §5.3.1 with SHA-512 and an output of 64 bytes, which is its first block.
Key expandMessageXmd(ByteView message, std::string_view tag) {
  constexpr ByteArray<128> kZeroPad{};  // one input block of SHA-512
  constexpr ByteArray<2> kOutputSize{0, 64};
  constexpr ByteArray<1> kZero{0};
  constexpr ByteArray<1> kOne{1};
  const ByteArray<1> tagSize{static_cast<uint8_t>(tag.size())};

  Key b0;
  secretHash({kZeroPad, message, kOutputSize, kZero, asBytes(tag), tagSize}, b0);
  Key b1;
  secretHash({b0.expose(), kOne, asBytes(tag), tagSize}, b1);
  return b1;
}

bool isZero(const Scalar& scalar) { return constantTimeEqual(scalar.expose(), ByteArray<32>{}); }

}  // namespace

Decoded<Element> Element::read(Reader& in) {
  Reader before = in;
  auto element = crypto::parseElement(TRY(in.bytes(32)));
  if (!element) return before.fail(DecodeError::Code::invalid);
  return Element{*element};
}

Result<KeyPair> deriveKeyPair(const Secret<32>& seed, std::string_view info) {
  for (unsigned counter = 0; counter <= 255; ++counter) {
    SecretWriter input;
    input.bytes(seed.expose());
    input.u16(static_cast<uint16_t>(info.size()));
    input.bytes(asBytes(info));
    input.u8(static_cast<uint8_t>(counter));
    Scalar privateKey = crypto::reduceScalar(expandMessageXmd(input.view(), kDeriveKeyPairTag).expose());
    if (isZero(privateKey)) continue;
    Element publicKey{crypto::multiplyBase(privateKey)};
    return KeyPair{std::move(privateKey), publicKey};
  }
  return std::unexpected(Error::deriveKeyPair);
}

Result<Blinding> blind(ByteView input, Random& random) {
  if (input.size() > kPasswordSizeMax) return std::unexpected(Error::invalidInput);
  Scalar blind = crypto::randomScalar(random);
  auto inputElement = crypto::elementFromUniform(expandMessageXmd(input, kHashToGroupTag).expose());
  auto blinded = crypto::multiply(blind, inputElement);
  wipe(inputElement);  // a hash of the password: whoever finds it can test guesses
  if (!blinded) return std::unexpected(Error::invalidInput);
  return Blinding{std::move(blind), Element{*blinded}};
}

Result<Element> blindEvaluate(const Scalar& key, const Element& blindedElement) {
  auto evaluated = crypto::multiply(key, blindedElement.bytes);
  if (!evaluated) return std::unexpected(Error::deserialize);
  return Element{*evaluated};
}

Result<Key> finalize(ByteView input, const Scalar& blind, const Element& evaluatedElement) {
  if (input.size() > kPasswordSizeMax) return std::unexpected(Error::invalidInput);
  auto unblinded = crypto::multiply(crypto::invert(blind), evaluatedElement.bytes);
  if (!unblinded) return std::unexpected(Error::deserialize);
  SecretWriter hashInput;
  hashInput.u16(static_cast<uint16_t>(input.size()));
  hashInput.bytes(input);
  hashInput.u16(static_cast<uint16_t>(unblinded->size()));
  hashInput.bytes(*unblinded);
  hashInput.bytes(asBytes("Finalize"));
  wipe(*unblinded);
  Key output;
  secretHash({hashInput.view()}, output);
  return output;
}

}  // namespace qpq::opaque
