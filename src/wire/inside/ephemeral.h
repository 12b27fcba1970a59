#pragma once

#include <cstdint>
#include <tuple>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "wire/error.h"
#include "wire/inside/leaves.h"
#include "wire/sign.h"
#include "wire/types.h"

// Typing, presence, ringing: sealed for an epoch, sent to whoever follows, never stored. No MLS messages, which would
// burn generations of the sender's ratchet.
namespace qpq::wire {

// AES-256-GCM under the epoch's exporter key (kEphemeralExporterLabel); associated data: log ‖ u64 commitsSeen.
struct Ephemeral {
  uint64_t commitsSeen = 0;  // says which epoch's key
  ByteArray<12> nonce{};     // random
  Bytes sealed;              // EphemeralPlain

  bool operator==(const Ephemeral&) const = default;
  static constexpr auto fields() { return std::tuple{&Ephemeral::commitsSeen, &Ephemeral::nonce, &Ephemeral::sealed}; }
};

struct EphemeralPlain {
  DeviceId device;
  uint64_t counter = 0;
  uint16_t type = 0;
  Bytes body;
  Signature signature{};  // device key, over EphemeralTBS

  bool operator==(const EphemeralPlain&) const = default;
  static constexpr auto fields() {
    return std::tuple{&EphemeralPlain::device, &EphemeralPlain::counter, &EphemeralPlain::type, &EphemeralPlain::body,
                      &EphemeralPlain::signature};
  }
};

struct EphemeralTBS {
  static constexpr SignLabel kSignLabel = SignLabel::ephemeral;

  LogId log;
  uint64_t commitsSeen = 0;
  DeviceId device;
  uint64_t counter = 0;
  uint16_t type = 0;
  Bytes body;

  bool operator==(const EphemeralTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&EphemeralTBS::log,     &EphemeralTBS::commitsSeen, &EphemeralTBS::device,
                      &EphemeralTBS::counter, &EphemeralTBS::type,        &EphemeralTBS::body};
  }
};

using EphemeralKey = Secret<32>;

// tooLarge above kEphemeralSealedSizeMax.
Result<Ephemeral> sealEphemeral(const EphemeralKey& key, const crypto::Ed25519Key& deviceKey, const EphemeralTBS& tbs,
                                Random& random);

// One that opened and whose device has signed it.
struct ReceivedEphemeral {
  RosterEntry sender;
  uint64_t counter = 0;
  uint16_t type = 0;
  Bytes body;

  bool operator==(const ReceivedEphemeral&) const = default;
};
// tooLarge, cannotOpen, unknownLeaf (no leaf of this epoch has that device id), badSignature; whatever decode()
// refuses.
Result<ReceivedEphemeral> openEphemeral(const EphemeralKey& key, const LogId& log, const Ephemeral& ephemeral,
                                        const Leaves& leaves);

// A device's counter only rises, also when it has forgotten the last one: max(last + 1, unix ms). What is not above the
// last one of its device is dropped: notFresh.
uint64_t nextCounter(uint64_t last, Instant now);
Result<void> checkFresh(uint64_t last, uint64_t counter);

}  // namespace qpq::wire
