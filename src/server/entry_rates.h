#pragma once

#include <mutex>
#include <string_view>
#include <vector>

#include "server/limits.h"
#include "server/rate.h"

namespace qpq::server {

// A table of rates that every loop asks: with one per loop, whoever opens a connection to each would have them all.
class SharedRate {
 public:
  explicit SharedRate(Rate rate): table_(rate) {}
  uint64_t take(ByteView key, Instant now) {
    std::scoped_lock lock(mutex_);
    return table_.take(key, now);
  }
  Budget budget(std::string_view name) const { return table_.budget(name); }

 private:
  std::mutex mutex_;
  RateTable table_;
};

// The rates of what is asked before and without writing, one for the whole server.
struct EntryRates {
  SharedRate registrations{kRegisterPerAddress};
  SharedRate loginsByName{kLoginPerName};
  SharedRate loginsByAddress{kLoginPerAddress};
  SharedRate vaultSteps{kVaultStepsPerAccount};
  SharedRate lookups{kLookupPerAccount};
  SharedRate downloads{kDownloadsPerAccount};

  std::vector<Budget> budgets() const {
    return {registrations.budget("rates_registrations"),
            loginsByName.budget("rates_logins_by_name"),
            loginsByAddress.budget("rates_logins_by_address"),
            vaultSteps.budget("rates_vault_steps"),
            lookups.budget("rates_lookups"),
            downloads.budget("rates_downloads")};
  }
};

}  // namespace qpq::server
