#pragma once

#include <map>
#include <optional>

#include "base/ids.h"
#include "client/store/failure.h"
#include "client/store/group_records.h"
#include "mls/group/group.h"

namespace qpq::client::conversation {

// The MLS groups of this device: in memory what the records say, loaded when first asked for.
//
// What is changed in memory becomes durable by keep(), inside the caller's transaction. If that does not commit, drop()
// forgets the group here, and the records say again how it was.
class Groups {
 public:
  explicit Groups(store::GroupRecords& records): records_(records) {}

  // nullptr: there is no group in this log. profileCorrupt: its records are damaged.
  store::Result<mls::Group*> open(const LogId& log);
  // A group just made or joined, instead of any there was.
  store::Result<mls::Group*> replace(const LogId& log, mls::Group group);
  store::Result<void> keep(const LogId& log);
  store::Result<void> forget(const LogId& log);  // durably: the group is no more
  void drop(const LogId& log) { open_.erase(log); }

 private:
  store::GroupRecords& records_;
  std::map<LogId, mls::Group> open_;
};

}  // namespace qpq::client::conversation
