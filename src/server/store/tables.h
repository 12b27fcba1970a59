#pragma once

#include "server/store/accounts.h"
#include "server/store/direct.h"
#include "server/store/holdings.h"
#include "server/store/inbox.h"
#include "server/store/key_packages.h"
#include "server/store/logs.h"
#include "server/store/rights.h"
#include "server/store/state.h"

namespace qpq::server::store {

// Everything a transaction can be asked, by noun. Each is an engine's own; each operation names one shard key, except
// where its comment says that it goes over everything.
struct Tables {
  Accounts& accounts;
  Direct& direct;
  Holdings& holdings;
  Inbox& inbox;
  KeyPackages& keyPackages;
  Logs& logs;
  RightsTable& rights;
  State& state;
};

}  // namespace qpq::server::store
