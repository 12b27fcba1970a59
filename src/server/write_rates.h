#pragma once

#include "server/limits.h"
#include "server/rate.h"

namespace qpq::server {

// How much one device may append. In memory: who sent which message is stored nowhere.
struct AppendRates {
  RateTable messages{kMessagesPerDevice};
  RateTable commits{kCommitsPerDevice};
  RateTable asks{kAsksPerLogAndDevice};
  RateTable entries{kEntriesPerLogAndDevice};
  // A day's bytes come back in 1440 portions, one a minute.
  RateTable bytes{kLogBytesPerDeviceAndDay, kMinuteMs, kRateKeysMax, kLogBytesPerDeviceAndDay / 1440};
};

struct TakeRates {
  RateTable perTaker{kTakePerAccount};
  RateTable perTarget{kTakePerTarget};
};

// The rates of everything that is written, one for the whole server: touched by the writer's jobs only, which run one
// at a time.
struct WriteRates {
  AppendRates append;
  RateTable direct{kDirectPerAccount};
  RateTable uploads{kUploadsPerAccount};
  TakeRates takes;
};

}  // namespace qpq::server
