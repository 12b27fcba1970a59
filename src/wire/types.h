#pragma once

#include <cstdint>
#include <tuple>

#include "base/codec.h"
#include "base/ids.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"

namespace qpq::wire {

using Hash = crypto::Hash32;  // SHA-256
using PublicKey = crypto::Ed25519PublicKey;
using Signature = crypto::Ed25519Signature;

// The first octet of every signed structure. The bytes of a version never change; a change is another version.
enum class Version : uint8_t { one = 1 };
constexpr bool isKnown(Version version) { return version == Version::one; }

// Who a log is for: any accounts its members add, or one pair of accounts (one account with itself: its own devices).
enum class ConversationKind : uint8_t { group = 1, direct = 2 };
constexpr bool isKnown(ConversationKind kind) {
  return kind == ConversationKind::group || kind == ConversationKind::direct;
}

// A place in a log and the chain's head there: the newest its writer knows; (0, head(0)) at the start.
struct Claim {
  uint64_t seq = 0;
  Hash head{};

  bool operator==(const Claim&) const = default;
  static constexpr auto fields() { return std::tuple{&Claim::seq, &Claim::head}; }
};

// One device of one account: what stands on a roster, and what a leaf is.
struct RosterEntry {
  AccountId account;
  DeviceId device;

  auto operator<=>(const RosterEntry&) const = default;
  static constexpr auto fields() { return std::tuple{&RosterEntry::account, &RosterEntry::device}; }
};

// SHA-256 of the encoding.
template <class T>
Hash hashOf(const T& value) {
  return crypto::sha256(encode(value));
}

}  // namespace qpq::wire
