#pragma once

#include <string_view>
#include <tuple>

#include "wire/sign.h"
#include "wire/types.h"

namespace qpq::wire {

// The TLS exporter (RFC 8446 §7.5) whose value a device signs to resume: 32 bytes, empty context.
inline constexpr std::string_view kResumeExporterLabel = "EXPORTER-qpq-1";

// What a device signs, on the connection whose exporter it is: nothing that could be taken from one connection opens
// another.
struct ResumeTBS {
  static constexpr SignLabel kSignLabel = SignLabel::resume;

  ByteArray<32> exporter{};
  Incarnation incarnation;
  AccountId account;
  DeviceId device;

  bool operator==(const ResumeTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ResumeTBS::exporter, &ResumeTBS::incarnation, &ResumeTBS::account, &ResumeTBS::device};
  }
};

// Device key. Both sides know the TBS; only the signature need travel.
using Resume = Signed<ResumeTBS>;

}  // namespace qpq::wire
