#pragma once

#include "client/store/account.h"
#include "client/store/conversations.h"
#include "client/store/dropped_files.h"
#include "client/store/entries.h"
#include "client/store/group_records.h"
#include "client/store/key_packages.h"
#include "client/store/messages.h"
#include "client/store/outbox.h"
#include "client/store/people.h"
#include "client/store/server.h"
#include "client/store/unconfirmed.h"
#include "client/store/uploads.h"

namespace qpq::client::store {

// The profile's database and everything in it. Not movable: the tables refer to the database beside them.
struct Tables {
  explicit Tables(sql::Database opened): database(std::move(opened)) {}
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  sql::Database database;
  Account account{database};
  Server server{database};
  People people{database};
  KeyPackages keyPackages{database};
  Conversations conversations{database};
  GroupRecords groupRecords{database};
  Entries entries{database};
  Messages messages{database};
  Outbox outbox{database};
  Unconfirmed unconfirmed{database};
  Uploads uploads{database};
  DroppedFiles droppedFiles{database};
};

}  // namespace qpq::client::store
