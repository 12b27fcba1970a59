#pragma once

#include <string>
#include <variant>

#include "base/time.h"
#include "server/outcomes.h"
#include "server/rate.h"
#include "server/writer.h"

namespace qpq::server {

struct NoSuchPerson {};
using PersonOutcome = std::variant<store::Person, NoSuchPerson, TooOften, Malformed>;

// Who people are: names, device lists.
class Directory {
 public:
  Directory(StoreReader& reader, const Clock& clock): reader_(reader), clock_(clock) {}

  Answer<PersonOutcome> lookup(AccountId asker, std::string name);
  Answer<PersonOutcome> account(AccountId asker, AccountId account);
  Budget budget() const { return lookups_.budget("rates_lookups"); }

 private:
  StoreReader& reader_;
  const Clock& clock_;
  RateTable lookups_{kLookupPerAccount};
};

}  // namespace qpq::server
