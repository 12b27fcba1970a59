#pragma once

#include <cstdint>
#include <variant>

#include "server/outcomes.h"
#include "server/reader.h"
#include "server/writer.h"

namespace qpq::server {

struct OtherList {
  wire::DeviceList newest;  // someone else changed it: build on this one
};
struct TooManyDevices {
  uint32_t limit;
};
using ListOutcome = std::variant<Accepted, OtherList, TooManyDevices, Malformed>;

// The device list of an account, changed by compare-and-set. Whoever asks has proven which account it is.
class Devices {
 public:
  Devices(StoreWriter& writer, StoreReader& reader): writer_(writer), reader_(reader) {}

  Answer<wire::DeviceList> list(AccountId account);
  // The next list with this one device (or this key of it) more. A repetition of the newest is accepted again.
  Answer<ListOutcome> enrol(AccountId account, Bytes certificate, Bytes list);
  // The next list, which only revokes. The revoked lose their sessions before this answers.
  Answer<ListOutcome> update(AccountId account, Bytes list);

 private:
  StoreWriter& writer_;
  StoreReader& reader_;
};

}  // namespace qpq::server
