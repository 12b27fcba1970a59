#include <algorithm>
#include <set>

#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

Held heldBy(const Data& data, const AccountId& account, bool isForLogs) {
  Held held;
  for (const auto& [key, holding] : data.holdings.rows()) {
    if (holding.account != account || holding.log.has_value() != isForLogs) continue;
    held.bytes += holding.size;
    ++held.files;
  }
  return held;
}

}  // namespace

Result<std::optional<Holding>> Holdings::find(const AccountId& account, const std::optional<LogId>& log,
                                              const wire::Hash& hash) {
  const int64_t* key = data_.holdingKeys.find({account, log, hash});
  if (key == nullptr) return std::nullopt;
  return at(*key);
}

Result<std::optional<Holding>> Holdings::at(int64_t key) {
  const Holding* holding = data_.holdings.find(key);
  return holding != nullptr ? std::optional(*holding) : std::nullopt;
}

Result<int64_t> Holdings::add(const Holding& holding) {
  TRY(data_.mayWrite());
  HoldingPlace place{holding.account, holding.log, holding.hash};
  if (data_.holdingKeys.find(place) != nullptr) return failed("the account holds this already");
  Holding added = holding;
  added.key = data_.freshKey();
  data_.holdings.put(added.key, added);
  data_.holdingKeys.put(place, added.key);
  return added.key;
}

Result<void> Holdings::complete(int64_t key, uint64_t untilMs) {
  TRY(data_.mayWrite());
  const Holding* before = data_.holdings.find(key);
  if (before == nullptr) return {};
  Holding holding = *before;
  holding.complete = true;
  holding.untilMs = untilMs;
  data_.holdings.put(key, holding);
  return {};
}

Result<void> Holdings::keepUntil(int64_t key, uint64_t untilMs) {
  TRY(data_.mayWrite());
  const Holding* before = data_.holdings.find(key);
  if (before == nullptr) return {};
  Holding holding = *before;
  holding.untilMs = untilMs;
  data_.holdings.put(key, holding);
  return {};
}

Result<void> Holdings::drop(int64_t key) {
  TRY(data_.mayWrite());
  const Holding* holding = data_.holdings.find(key);
  if (holding == nullptr) return {};
  data_.holdingKeys.erase({holding->account, holding->log, holding->hash});
  data_.holdings.erase(key);
  return {};
}

Result<Held> Holdings::heldForLogs(const AccountId& account) { return heldBy(data_, account, true); }

Result<Held> Holdings::heldAsBlobs(const AccountId& account) { return heldBy(data_, account, false); }

Result<Held> Holdings::total() {
  Held held;
  for (const auto& [key, holding] : data_.holdings.rows()) {
    if (!holding.complete) continue;
    held.bytes += holding.size;
    ++held.files;
  }
  for (const auto& [place, size] : data_.large.rows()) {
    held.bytes += size;
    ++held.files;
  }
  return held;
}

Result<std::vector<Holding>> Holdings::over(uint64_t nowMs, std::size_t rowsMax) {
  std::vector<Holding> found;
  for (const auto& [key, holding] : data_.holdings.rows()) {
    if (holding.untilMs <= nowMs) found.push_back(holding);
  }
  std::ranges::stable_sort(found, {}, &Holding::untilMs);
  found.erase(found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), rowsMax)), found.end());
  return found;
}

Result<std::vector<Holdings::Named>> Holdings::named(const wire::Hash& after, std::size_t rowsMax) {
  std::set<std::pair<wire::Hash, uint64_t>> all;
  for (const auto& [key, holding] : data_.holdings.rows()) {
    if (holding.complete && holding.hash > after) all.emplace(holding.hash, holding.size);
  }
  for (const auto& [place, size] : data_.large.rows()) {
    if (std::get<wire::Hash>(place) > after) all.emplace(std::get<wire::Hash>(place), size);
  }
  std::vector<Named> found;
  for (auto next = all.begin(); next != all.end() && found.size() < rowsMax; ++next) {
    found.push_back({next->first, next->second});
  }
  return found;
}

Result<bool> Holdings::isNamed(const wire::Hash& hash) {
  auto large = data_.large.from({hash, LogKey{}, 0, BodyPart{}});
  if (large != data_.large.rows().end() && std::get<wire::Hash>(large->first) == hash) return true;
  return std::ranges::any_of(data_.holdings.rows(),
                             [&](const auto& row) { return row.second.complete && row.second.hash == hash; });
}

Result<std::optional<uint64_t>> Holdings::blob(const wire::Hash& hash) {
  for (const auto& [key, holding] : data_.holdings.rows()) {
    if (holding.complete && !holding.log && holding.hash == hash) return holding.size;
  }
  return std::nullopt;
}

}  // namespace qpq::server::store::memory
