#include <limits>

#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

// The keys of what a device has, in the order in which it is taken.
std::vector<PackagePlace> placesOf(const Data& data, const wire::RosterEntry& device) {
  std::vector<PackagePlace> places;
  auto row = data.packages.from({device, false, std::numeric_limits<int64_t>::min()});
  for (; row != data.packages.rows().end() && std::get<wire::RosterEntry>(row->first) == device; ++row) {
    places.push_back(row->first);
  }
  return places;
}

bool isLastResort(const PackagePlace& place) { return std::get<bool>(place); }

Result<void> keep(Data& data, const wire::RosterEntry& device, const KeptPackage& package, bool lastResort) {
  if (data.packagesSeen.find({device.account, package.hash}) != nullptr) return failed("the package has been seen");
  data.packages.put({device, lastResort, data.freshKey()}, {package.notAfterMs, package.body});
  data.packagesSeen.put({device.account, package.hash}, package.notAfterMs);
  return {};
}

// Erases what `isOver` says, at most so many; how many.
template <class Key, class Row, class Over>
uint64_t eraseSome(Table<Key, Row>& table, std::size_t rowsMax, Over isOver) {
  std::vector<Key> over;
  for (const auto& [key, row] : table.rows()) {
    if (over.size() == rowsMax) break;
    if (isOver(key, row)) over.push_back(key);
  }
  for (const Key& key : over) table.erase(key);
  return over.size();
}

}  // namespace

Result<bool> KeyPackages::seen(const AccountId& account, const wire::Hash& package) {
  return data_.packagesSeen.find({account, package}) != nullptr;
}

Result<void> KeyPackages::add(const wire::RosterEntry& device, const KeptPackage& package) {
  TRY(data_.mayWrite());
  return keep(data_, device, package, false);
}

Result<void> KeyPackages::replaceLastResort(const wire::RosterEntry& device, const KeptPackage& package) {
  TRY(data_.mayWrite());
  for (const PackagePlace& place : placesOf(data_, device)) {
    if (isLastResort(place)) data_.packages.erase(place);
  }
  return keep(data_, device, package, true);
}

Result<PackageCount> KeyPackages::count(const wire::RosterEntry& device, uint64_t nowMs) {
  PackageCount count{0, false};
  for (const PackagePlace& place : placesOf(data_, device)) {
    if (data_.packages.find(place)->notAfterMs <= nowMs) continue;
    if (isLastResort(place)) {
      count.lastResort = true;
    } else {
      ++count.packages;
    }
  }
  return count;
}

Result<std::optional<TakenPackage>> KeyPackages::take(const wire::RosterEntry& device, uint64_t nowMs) {
  TRY(data_.mayWrite());
  for (const PackagePlace& place : placesOf(data_, device)) {
    const PackageRow& row = *data_.packages.find(place);
    if (row.notAfterMs <= nowMs) continue;
    TakenPackage taken{row.body, isLastResort(place)};
    if (!taken.lastResort) data_.packages.erase(place);
    return taken;
  }
  return std::nullopt;
}

Result<void> KeyPackages::removeAll(const wire::RosterEntry& device) {
  TRY(data_.mayWrite());
  for (const PackagePlace& place : placesOf(data_, device)) data_.packages.erase(place);
  return {};
}

Result<std::optional<Bytes>> KeyPackages::answer(const AccountId& account, const wire::RosterEntry& taker,
                                                 const RequestId& request) {
  const AnswerRow* row = data_.answers.find({account, taker, request});
  return row != nullptr ? std::optional(row->answer) : std::nullopt;
}

Result<void> KeyPackages::remember(const AccountId& account, const wire::RosterEntry& taker, const RequestId& request,
                                   ByteView answer, uint64_t nowMs) {
  TRY(data_.mayWrite());
  if (data_.answers.find({account, taker, request}) != nullptr) return failed("the request has been answered");
  data_.answers.put({account, taker, request}, {nowMs, toBytes(answer)});
  return {};
}

Result<void> KeyPackages::removeOneTime() {
  TRY(data_.mayWrite());
  eraseSome(data_.packages, std::numeric_limits<std::size_t>::max(),
            [](const PackagePlace& place, const PackageRow&) { return !isLastResort(place); });
  return {};
}

Result<uint64_t> KeyPackages::sweep(uint64_t nowMs, uint64_t takenBeforeMs, std::size_t rowsMax) {
  TRY(data_.mayWrite());
  return eraseSome(data_.packages, rowsMax, [&](const auto&, const auto& row) { return row.notAfterMs <= nowMs; }) +
         eraseSome(data_.packagesSeen, rowsMax, [&](const auto&, uint64_t notAfterMs) { return notAfterMs <= nowMs; }) +
         eraseSome(data_.answers, rowsMax, [&](const auto&, const auto& row) { return row.takenMs < takenBeforeMs; });
}

}  // namespace qpq::server::store::memory
