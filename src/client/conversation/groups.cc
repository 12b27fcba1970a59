#include "client/conversation/groups.h"

namespace qpq::client::conversation {

store::Result<mls::Group*> Groups::open(const LogId& log) {
  auto known = open_.find(log);
  if (known != open_.end()) return &known->second;
  std::vector<mls::Record> records = TRY(records_.read(log));
  if (records.empty()) return nullptr;
  auto group = mls::Group::load(records);
  if (!group) return store::fail(ErrorCode::profileCorrupt, "The state of a conversation is damaged.");
  return &open_.emplace(log, *std::move(group)).first->second;
}

store::Result<mls::Group*> Groups::replace(const LogId& log, mls::Group group) {
  TRY(forget(log));
  mls::Group* placed = &open_.emplace(log, std::move(group)).first->second;
  TRY(keep(log));
  return placed;
}

store::Result<void> Groups::keep(const LogId& log) {
  auto known = open_.find(log);
  if (known == open_.end()) return {};
  return records_.apply(log, known->second.takeDelta());
}

store::Result<void> Groups::forget(const LogId& log) {
  open_.erase(log);
  return records_.forget(log);
}

}  // namespace qpq::client::conversation
