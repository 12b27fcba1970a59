#pragma once

#include "server/store/accounts.h"
#include "server/store/direct.h"
#include "server/store/holdings.h"
#include "server/store/inbox.h"
#include "server/store/invites.h"
#include "server/store/key_packages.h"
#include "server/store/logs.h"
#include "server/store/rights.h"
#include "server/store/state.h"
#include "sql/database.h"

namespace qpq::server::store {

// Everything one connection to the store can be asked, by noun. A handful of references: made where it is used.
struct Tables {
  explicit Tables(sql::Database& database)
      : accounts(database),
        age(database),
        direct(database),
        holdings(database),
        inbox(database),
        invites(database),
        keyPackages(database),
        logs(database),
        probe(database),
        rights(database) {}

  Accounts accounts;
  Age age;
  Direct direct;
  Holdings holdings;
  Inbox inbox;
  Invites invites;
  KeyPackages keyPackages;
  Logs logs;
  Probe probe;
  RightsTable rights;
};

}  // namespace qpq::server::store
