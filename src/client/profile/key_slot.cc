#include "client/profile/key_slot.h"

#include <algorithm>
#include <string_view>

#include "base/codec.h"
#include "crypto/aead.h"

namespace qpq::client::profile {

namespace {

constexpr std::string_view kMagic = "qpq slot";
constexpr uint8_t kVersion = 1;

struct Slot {
  crypto::Argon2Cost cost{};
  ByteArray<16> salt{};
  ByteArray<12> nonce{};
  ByteArray<48> sealed{};
};

Bytes associatedData(const Slot& slot) {
  Writer out;
  out.bytes(asBytes(kMagic));
  out.u8(kVersion);
  out.u32(slot.cost.memoryKib);
  out.u32(slot.cost.passes);
  out.u32(slot.cost.lanes);
  out.bytes(slot.salt);
  return std::move(out).take();
}

Decoded<Slot> readSlot(Reader& in) {
  Slot slot;
  slot.cost.memoryKib = TRY(in.u32());
  slot.cost.passes = TRY(in.u32());
  slot.cost.lanes = TRY(in.u32());
  slot.salt = TRY(qpq::read<ByteArray<16>>(in));
  slot.nonce = TRY(qpq::read<ByteArray<12>>(in));
  slot.sealed = TRY(qpq::read<ByteArray<48>>(in));
  TRY(in.finish());
  return slot;
}

std::unexpected<Error> wrongPassphrase() {
  return std::unexpected(Error{ErrorCode::wrongPassphrase, "The passphrase does not open this profile.", {}});
}

std::unexpected<Error> damaged() {
  return std::unexpected(Error{ErrorCode::profileCorrupt, "The profile's key slot is damaged.",
                               "Put key.slot back from a copy, or begin anew in another folder."});
}

Result<Slot> parse(ByteView bytes) {
  if (bytes.size() <= kMagic.size() || !equal(bytes.first(kMagic.size()), asBytes(kMagic))) return damaged();
  if (bytes[kMagic.size()] > kVersion) {
    return std::unexpected(Error{ErrorCode::profileTooNew, "This profile was written by a later qpq.", "Update qpq."});
  }
  Reader in(bytes.subspan(kMagic.size() + 1));
  auto slot = readSlot(in);
  if (!slot || bytes[kMagic.size()] != kVersion) return damaged();
  return *slot;
}

Result<SecretBytes> stretch(const SecretBytes& passphrase, const Slot& slot) {
  auto key = crypto::argon2id(passphrase.expose(), slot.salt, slot.cost, DataKey().expose().size());
  if (key) return *std::move(key);
  if (key.error() == crypto::CryptoError::refused) return damaged();
  return std::unexpected(
      Error{ErrorCode::internal, "There is not enough memory to derive the profile's key.", "Close other programs."});
}

}  // namespace

Result<Bytes> sealDataKey(const DataKey& key, const SecretBytes& passphrase, const crypto::Argon2Cost& cost,
                          Random& random) {
  if (passphrase.empty()) {
    return std::unexpected(Error{ErrorCode::badInput, "The passphrase is empty.", "Choose one of several words."});
  }
  Slot slot{.cost = cost, .salt = random.bytes<16>(), .nonce = random.bytes<12>()};
  SecretBytes stretched = TRY(stretch(passphrase, slot));
  Bytes front = associatedData(slot);
  auto sealed = crypto::aeadSeal(crypto::AeadId::chacha20Poly1305, stretched.expose(), slot.nonce, front, key.expose());
  if (!sealed) return std::unexpected(Error{ErrorCode::internal, "The profile's key could not be sealed.", {}});
  return concat({front, slot.nonce, *sealed});
}

Result<DataKey> openDataKey(ByteView bytes, const SecretBytes& passphrase) {
  Slot slot = TRY(parse(bytes));
  if (passphrase.empty()) return wrongPassphrase();
  SecretBytes stretched = TRY(stretch(passphrase, slot));
  auto opened = crypto::aeadOpen(crypto::AeadId::chacha20Poly1305, stretched.expose(), slot.nonce, associatedData(slot),
                                 slot.sealed);
  if (!opened) return wrongPassphrase();
  return DataKey(opened->expose().first<32>());
}

}  // namespace qpq::client::profile
