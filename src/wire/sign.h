#pragma once

#include <string_view>
#include <tuple>
#include <utility>

#include "base/codec.h"
#include "wire/types.h"

// sign(key, label, x) of docs/protocol/wire.md: Ed25519 over
//   struct { opaque label<V> = "qpq 1 " + label; opaque content<V> = x; }
// The prefix keeps these signatures apart from MLS's "MLS 1.0 …" (RFC 9420 §5.1.2), which the same device key makes.
namespace qpq::wire {

// What a signature is for. One made for one purpose never verifies for another.
enum class SignLabel { certificate, devices, resume, server, ask, receipt, head, ephemeral };
std::string_view text(SignLabel label);

Signature signLabelled(const crypto::Ed25519Key& key, SignLabel label, ByteView content);
bool verifyLabelled(const PublicKey& key, SignLabel label, ByteView content, const Signature& signature);

// A structure that is signed whole: its TBS names the label, and the signature stands behind it.
template <class TBS>
struct Signed {
  TBS tbs;
  Signature signature{};

  bool operator==(const Signed&) const = default;
  static constexpr auto fields() { return std::tuple{&Signed::tbs, &Signed::signature}; }
};

template <class TBS>
Signed<TBS> sign(const crypto::Ed25519Key& key, TBS tbs) {
  Signature signature = signLabelled(key, TBS::kSignLabel, encode(tbs));
  return {std::move(tbs), signature};
}
template <class TBS>
bool verify(const PublicKey& key, const Signed<TBS>& value) {
  return verifyLabelled(key, TBS::kSignLabel, encode(value.tbs), value.signature);
}

}  // namespace qpq::wire
