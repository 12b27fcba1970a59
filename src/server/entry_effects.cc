#include "server/entry_effects.h"

namespace qpq::server {

std::set<wire::RosterEntry> devicesIn(const wire::Terms& terms) {
  std::set<wire::RosterEntry> devices;
  if (const wire::CommitTerms* commit = terms.commit()) {
    devices.insert(commit->removed.begin(), commit->removed.end());
    devices.insert(commit->added.begin(), commit->added.end());
    devices.insert(commit->restored.begin(), commit->restored.end());
  }
  if (auto leaver = terms.leaver()) devices.insert(*leaver);
  return devices;
}

store::Result<wire::Readers> readersAmong(Write& write, store::LogKey log, const std::set<wire::RosterEntry>& devices) {
  wire::Readers readers;
  for (const wire::RosterEntry& device : devices) {
    if (auto rights = TRY(write.tables.rights.find(log, device))) readers.devices.emplace(device, *rights);
  }
  return readers;
}

store::Result<void> moveRights(Write& write, store::LogKey log, const wire::Terms& terms, const wire::Readers& after) {
  std::set<AccountId> accounts;
  for (const wire::RosterEntry& device : devicesIn(terms)) {
    if (auto rights = after.find(device)) TRY(write.tables.rights.put(log, device, *rights));
    accounts.insert(device.account);
  }
  for (const AccountId& account : accounts) {
    write.news.indexes.push_back({account, TRY(write.tables.inbox.touch(account, log))});
  }
  return {};
}

}  // namespace qpq::server
