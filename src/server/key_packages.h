#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/codec.h"
#include "server/outcomes.h"
#include "server/rate.h"
#include "server/reader.h"
#include "server/writer.h"

namespace qpq::server {

struct Kept {
  uint32_t packages;
};
struct Refused {
  std::string why;  // which package, and which rule it breaks
};
struct KeepsAtMost {
  uint32_t packages;
};
using PublishOutcome = std::variant<Kept, Refused, KeepsAtMost>;

struct DevicePackage {
  DeviceId device;
  std::optional<Bytes> package;  // nothing: this device has none left
  uint8_t isLastResort = 0;

  bool operator==(const DevicePackage&) const = default;
  static constexpr auto fields() {
    return std::tuple{&DevicePackage::device, &DevicePackage::package, &DevicePackage::isLastResort};
  }
};
// Also the form in which an answer is remembered.
struct TakenPackages {
  Bytes deviceList;  // the newest, encoded
  std::vector<DevicePackage> devices;

  bool operator==(const TakenPackages&) const = default;
  static constexpr auto fields() { return std::tuple{&TakenPackages::deviceList, &TakenPackages::devices}; }
};
struct NoSuchAccount {};
using TakeOutcome = std::variant<TakenPackages, NoSuchAccount, TooOften, Malformed>;

struct TakeRequest {
  wire::RosterEntry taker;
  RequestId request;
  AccountId account;
  std::vector<DeviceId> devices;  // empty: every active one
};

// Key packages: published by their devices, handed to others one each, exactly once.
class KeyPackages {
 public:
  KeyPackages(StoreWriter& writer, StoreReader& reader, const Clock& clock)
      : writer_(writer), reader_(reader), clock_(clock) {}

  // All or nothing. `lastResort`, when not empty, replaces the one kept.
  Answer<PublishOutcome> publish(wire::RosterEntry device, std::vector<Bytes> packages, Bytes lastResort);
  Answer<store::PackageCount> count(wire::RosterEntry device);
  // The same request of the same device gets the same answer for kTakeMemoryMs.
  Answer<TakeOutcome> take(TakeRequest request);

 private:
  static store::Result<TakeOutcome> takeIn(Write& write, const TakeRequest& request);

  StoreWriter& writer_;
  StoreReader& reader_;
  const Clock& clock_;
};

}  // namespace qpq::server
