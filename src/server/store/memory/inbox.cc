#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

Result<uint64_t> Inbox::touch(const AccountId& account, LogKey log) {
  TRY(data_.mayWrite());
  const uint64_t* before = data_.changes.find(account);
  if (before == nullptr) return uint64_t{0};
  uint64_t change = *before + 1;
  data_.changes.put(account, change);
  if (const uint64_t* stood = data_.inbox.find({account, log})) data_.inboxByChange.erase({account, *stood});
  data_.inbox.put({account, log}, change);
  data_.inboxByChange.put({account, change}, log);
  return change;
}

Result<bool> Inbox::lists(const AccountId& account, LogKey log) { return data_.inbox.find({account, log}) != nullptr; }

Result<uint64_t> Inbox::newest(const AccountId& account) {
  const uint64_t* change = data_.changes.find(account);
  return change != nullptr ? *change : 0;
}

Result<uint64_t> Inbox::size(const AccountId& account) {
  uint64_t size = 0;
  const auto& rows = data_.inboxByChange.rows();
  for (auto row = data_.inboxByChange.from({account, 0}); row != rows.end() && row->first.first == account; ++row) {
    ++size;
  }
  return size;
}

Result<std::vector<InboxEntry>> Inbox::read(const AccountId& account, uint64_t since, std::size_t entriesMax) {
  std::vector<InboxEntry> entries;
  const auto& rows = data_.inboxByChange.rows();
  for (auto row = data_.inboxByChange.rows().upper_bound({account, since});
       row != rows.end() && row->first.first == account && entries.size() < entriesMax; ++row) {
    entries.push_back({row->first.second, row->second});
  }
  return entries;
}

}  // namespace qpq::server::store::memory
