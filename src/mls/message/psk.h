#pragma once

#include "mls/limits.h"
#include "mls/message/list.h"
#include "mls/message/tagged.h"
#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §8.4.
struct ExternalPSK {
  Bytes pskId;
  bool operator==(const ExternalPSK&) const = default;
  static constexpr auto fields() { return std::tuple{&ExternalPSK::pskId}; }
};

struct ResumptionPSK {
  ResumptionPSKUsage usage{};
  Bytes pskGroupId;
  Epoch pskEpoch;
  bool operator==(const ResumptionPSK&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ResumptionPSK::usage, &ResumptionPSK::pskGroupId, &ResumptionPSK::pskEpoch};
  }
};

struct PreSharedKeyID {
  Tagged<Case<PSKType::external, ExternalPSK>, Case<PSKType::resumption, ResumptionPSK>> psk;
  Bytes pskNonce;
  bool operator==(const PreSharedKeyID&) const = default;
  static constexpr auto fields() { return std::tuple{&PreSharedKeyID::psk, &PreSharedKeyID::pskNonce}; }
};
using PreSharedKeyIDs = List<PreSharedKeyID, kPreSharedKeysMax>;

// The place of one key in the chain that makes psk_secret.
struct PSKLabel {
  PreSharedKeyID id;
  uint16_t index = 0;
  uint16_t count = 0;
  bool operator==(const PSKLabel&) const = default;
  static constexpr auto fields() { return std::tuple{&PSKLabel::id, &PSKLabel::index, &PSKLabel::count}; }
};

}  // namespace qpq::mls
