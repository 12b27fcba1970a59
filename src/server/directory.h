#pragma once

#include <string>
#include <variant>

#include "base/time.h"
#include "server/entry_rates.h"
#include "server/outcomes.h"
#include "server/reader.h"

namespace qpq::server {

struct NoSuchPerson {};
using PersonOutcome = std::variant<store::Person, NoSuchPerson, TooOften, Malformed>;

// Who people are: names, device lists.
class Directory {
 public:
  Directory(StoreReader& reader, const Clock& clock, EntryRates& rates)
      : reader_(reader), clock_(clock), rates_(rates) {}

  Answer<PersonOutcome> lookup(AccountId asker, std::string name);
  Answer<PersonOutcome> account(AccountId asker, AccountId account);

 private:
  StoreReader& reader_;
  const Clock& clock_;
  EntryRates& rates_;
};

}  // namespace qpq::server
