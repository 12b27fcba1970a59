#include "server/refill.h"

#include <algorithm>
#include <set>
#include <utility>

#include "server/entry_effects.h"
#include "wire/logs/envelope.h"
#include "wire/logs/readers.h"

namespace qpq::server {

namespace {

using Refusal = std::optional<RefillOutcome>;  // nothing: go on

// One entry in its place, and who may read when it is there.
struct Step {
  wire::ChainLink link;
  wire::LogPlace place;
  wire::Terms terms;
  wire::Readers after;
};

Malformed malformed(const wire::Error& error) { return {std::string(wire::name(error.code))}; }

class Refill {
 public:
  Refill(Write& write, const RefillRequest& request): write_(write), request_(request) {}

  store::Result<RefillOutcome> run();

 private:
  const wire::ReceiptLeaf& leaf() const { return request_.receipt.leaf; }
  store::Result<RefillOutcome> compare();
  Refusal chain(const wire::LogPlace& from);
  store::Result<Refusal> follow();
  bool isOfPair(const store::Pair& pair) const;
  store::Result<bool> begin(const std::optional<store::Pair>& pair);
  store::Result<void> store();

  Write& write_;
  const RefillRequest& request_;
  std::optional<store::Log> log_;
  std::vector<Step> steps_;
};

store::Result<RefillOutcome> Refill::run() {
  if (leaf().log != request_.log) return Malformed{"the receipt is of another log"};
  log_ = TRY(write_.tables.logs.find(request_.log));
  wire::LogPlace newest = log_ ? log_->newest : wire::LogPlace::start(request_.log);
  if (newest.seq >= leaf().seq) return compare();
  if (request_.entries.empty() || request_.entries.front().seq != newest.seq + 1) return RefillBeginAt{newest};
  if (auto refused = chain(newest)) return *std::move(refused);
  if (auto refused = TRY(follow())) return *std::move(refused);
  std::optional<store::Pair> pair;
  if (request_.partner) pair = store::Pair::of(request_.account, *request_.partner);
  if (pair && !isOfPair(*pair)) return Malformed{"partner: the log is not of these two"};
  // A direct log begun since the restore has taken its pair: what was said in the older one is lost.
  if (!log_ && !TRY(begin(pair))) return RefillDiffers{newest};
  TRY(store());
  return RefillComplete{log_->newest};
}

// The log goes as far as the receipt: by the same way? Marks are forgotten some day, and then nobody knows better.
store::Result<RefillOutcome> Refill::compare() {
  auto mark = TRY(write_.tables.logs.markAt(log_->key, leaf().seq));
  bool same = !mark || mark->place() == wire::LogPlace{leaf().seq, leaf().head, leaf().commits};
  return same ? RefillOutcome(RefillComplete{log_->newest}) : RefillOutcome(RefillDiffers{log_->newest});
}

// From the newest entry to the receipt.
Refusal Refill::chain(const wire::LogPlace& from) {
  wire::LogPlace at = from;
  for (const RefilledEntry& entry : request_.entries) {
    auto envelope = wire::LogEnvelope::parse(entry.envelope, request_.log);
    if (!envelope) return malformed(envelope.error());
    if (!entry.welcome.empty() && entry.welcomeHash != crypto::sha256(entry.welcome)) {
      return Malformed{"a Welcome is not the one of its hash"};
    }
    wire::ChainLink link{.seq = entry.seq,
                         .kind = entry.kind,
                         .id = entry.id,
                         .envelope = envelope->hash(),
                         .welcome = entry.welcomeHash.value_or(wire::noWelcome())};
    auto next = at.after(link);
    if (!next) return malformed(next.error());
    at = *next;
    steps_.push_back({link, at, envelope->terms(), {}});
  }
  if (at != wire::LogPlace{leaf().seq, leaf().head, leaf().commits}) return RefillUnproven{};
  return std::nullopt;
}

// Who may read, entry by entry. The server took these terms once, so they fit.
store::Result<Refusal> Refill::follow() {
  std::set<wire::RosterEntry> devices;
  for (const Step& step : steps_) devices.merge(devicesIn(step.terms));
  wire::Readers readers;
  if (log_) readers = TRY(readersAmong(write_, log_->key, devices));
  for (Step& step : steps_) {
    auto after = readers.after(step.place.seq, step.terms);
    if (!after) return Refusal(malformed(after.error()));
    readers = step.after = *std::move(after);
  }
  return std::nullopt;
}

// Whoever brings a log names its pair, and no chain proves that: a group must not take the place of the direct log of
// two who have none yet.
bool Refill::isOfPair(const store::Pair& pair) const {
  return std::ranges::all_of(steps_, [&](const Step& step) {
    return std::ranges::all_of(devicesIn(step.terms),
                               [&](const wire::RosterEntry& device) { return pair.holds(device.account); });
  });
}

// A log that began after the backup. False: its pair talks elsewhere by now.
store::Result<bool> Refill::begin(const std::optional<store::Pair>& pair) {
  if (pair && TRY(write_.tables.direct.find(*pair))) return false;
  TRY(write_.tables.logs.add({request_.log, request_.account, pair}, write_.now.unixMs));
  if (pair) TRY(write_.tables.direct.put(*pair, request_.log));
  log_ = TRY(write_.tables.logs.find(request_.log));
  return true;
}

store::Result<void> Refill::store() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const RefilledEntry& entry = request_.entries[i];
    const Step& step = steps_[i];
    std::optional<std::variant<ByteView, store::LargePart>> welcome;
    if (entry.welcomeHash) welcome = ByteView(entry.welcome);
    TRY(write_.tables.logs.append(*log_, {.link = step.link,
                                          .place = step.place,
                                          .timeMs = leaf().timeMs,
                                          .envelope = ByteView(entry.envelope),
                                          .welcome = welcome}));
    TRY(moveRights(write_, log_->key, step.terms, step.after));
  }
  write_.news.logs.push_back(log_->id);
  return {};
}

}  // namespace

bool isOurs(const wire::Receipt& receipt, const ServerKeys& keys) {
  auto info = wire::VerifiedServerInfo::check(keys.info({}));
  return info && wire::Attestation::checkOfAnyLife(receipt, *info);
}

store::Result<RefillOutcome> refill(Write& write, const RefillRequest& request) { return Refill(write, request).run(); }

}  // namespace qpq::server
