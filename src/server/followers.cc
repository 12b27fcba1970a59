#include "server/followers.h"

#include <kj/debug.h>
#include <kj/vector.h>

#include <algorithm>

#include "server/limits.h"

namespace qpq::server {

kj::Own<Follower> Followers::follow(kj::Own<Session> session, kj::Own<FollowSink> sink,
                                    const std::vector<Place>& places) {
  observer_.followBegun();
  auto follower = kj::heap<Follower>(*this, kj::mv(session), kj::mv(sink), ++begun_);
  follower->add(places);
  return follower;
}

void Followers::tell(const News& news) {
  for (const LogId& log : news.logs) {
    tails_.forget(log);
    for (auto it = byLog_.lower_bound({log, 0}); it != byLog_.end() && it->first.first == log; ++it) {
      it->second->wake(log);
    }
  }
  auto eachOf = [this](const AccountId& account, auto&& tellOne) {
    auto it = byAccount_.lower_bound({account, 0});
    for (; it != byAccount_.end() && it->first.first == account; ++it) tellOne(*it->second);
  };
  for (const News::IndexChange& index : news.indexes) {
    eachOf(index.account, [&](Follower& follower) { follower.tellIndex(index.change); });
  }
  for (const wire::DeviceList& list : news.lists) {
    eachOf(list.tbs.account, [&](Follower& follower) { follower.tellList(list); });
  }
}

kj::Promise<void> Followers::sayClosing(uint64_t afterMs) {
  kj::Vector<kj::Promise<void>> heard;
  for (auto& [key, follower] : byAccount_) {
    if (follower->isOver()) continue;
    heard.add(follower->sink_->closing(afterMs).catch_([](kj::Exception&&) {}));
  }
  return kj::joinPromises(heard.releaseAsArray());
}

Follower::Follower(Followers& followers, kj::Own<Session> session, kj::Own<FollowSink> sink, uint64_t number)
    : followers_(followers), session_(kj::mv(session)), sink_(kj::mv(sink)), number_(number), calls_(*this) {
  ++session_->followers_;
  followers_.byAccount_.emplace(std::pair(session_->account(), number_), this);
}

Follower::~Follower() noexcept(false) {
  for (const auto& [log, cursor] : cursors_) followers_.byLog_.erase({log, number_});
  followers_.byAccount_.erase({session_->account(), number_});
  --session_->followers_;
}

void Follower::add(const std::vector<Place>& places) {
  for (const Place& place : places) {
    if (!cursors_.contains(place.log) && cursors_.size() >= kFollowedLogsMax) return;
    followers_.byLog_.emplace(std::pair(place.log, number_), this);
    Cursor& cursor = cursors_[place.log];
    cursor.seq = place.seq;
    cursor.isOpen = false;
    wake(place.log);
  }
}

void Follower::wake(const LogId& log) {
  auto found = cursors_.find(log);
  if (found == cursors_.end() || found->second.isDue) return;
  found->second.isDue = true;
  due_.push_back(log);
  stir();
}

void Follower::drop(const LogId& log) {
  auto found = cursors_.find(log);
  // Looking through what is due for each of many logs that are not there would take as long as all of them together.
  if (found != cursors_.end() && found->second.isDue) std::erase(due_, log);
  cursors_.erase(log);
  followers_.byLog_.erase({log, number_});
}

bool Follower::mayRead() const {
  return !due_.empty() && pagesUnderWay_ < kFollowPagesMax && bytesUnderWay_ < kFollowBytesMax;
}

// Runs while there is something to read and room for it; stir() begins it anew. So a follower that waits, as nearly all
// do nearly always, holds no frame and no promise.
kj::Promise<void> Follower::pump() {
  KJ_DEFER(pumping_ = false);
  while (!isOver() && mayRead()) {
    LogId log = due_.front();
    due_.pop_front();
    Cursor& cursor = cursors_.at(log);
    cursor.isDue = false;
    uint64_t after = cursor.seq;
    bool hasRoom = bytesUnderWay_ + kReadBytesMax <= kFollowBytesMax;
    if (cursor.isOpen && hasRoom && co_await shareTail(log, after)) continue;
    if (!isOver()) co_await readAlone(log, after);
  }
}

// Apart from pump(), which hands on what all share most of the time and needs no room for this.
kj::Promise<void> Follower::readAlone(LogId log, uint64_t after) {
  auto outcome = co_await followers_.logs_.read(
      {session_->device(), log, after, kReadEntriesMax, std::min(kReadBytesMax, kFollowBytesMax - bytesUnderWay_)});
  auto found = cursors_.find(log);
  if (isOver() || found == cursors_.end()) co_return;
  if (!outcome) {
    // The store is in trouble; the device must not think that it follows when it does not.
    co_await followers_.timer_.afterDelay(kFollowRetryMs * kj::MILLISECONDS);
    wake(log);
  } else if (found->second.seq == after) {
    deliver(log, *std::move(outcome));
  } else {
    wake(log);  // put elsewhere while this was read
  }
}

kj::Promise<bool> Follower::shareTail(LogId log, uint64_t after) {
  auto tail = co_await followers_.tails_.read(log, after);
  auto found = cursors_.find(log);
  if (tail == nullptr || isOver() || found == cursors_.end()) co_return false;
  if (found->second.seq == after) {
    deliver(log, *tail);
  } else {
    wake(log);  // put elsewhere while this was read
  }
  co_return true;
}

void Follower::deliver(const LogId& log, ReadOutcome outcome) {
  if (std::holds_alternative<NoRights>(outcome)) return drop(log);
  if (auto* pruned = std::get_if<Pruned>(&outcome)) {
    // The gap stands at the start of the page that comes after it, or of an empty one.
    cursors_.at(log).seq = pruned->record.tbs.seq;
    send(Page{.log = log, .start = pruned->record, .entries = {}, .receipt = {}});
    return wake(log);
  }
  deliver(log, std::get<Page>(outcome));
}

void Follower::deliver(const LogId& log, const Page& page) {
  Cursor& cursor = cursors_.at(log);
  cursor.isOpen = page.open;
  if (!page.entries.empty()) {
    cursor.seq = page.entries.back().link.seq;
    send(page);
  }
  if (page.ended) return drop(log);
  if (page.more) wake(log);
}

// To a device that keeps up. Answers are asked for often enough that one which does not is soon known.
bool Follower::mayTell(std::size_t bytes) const {
  return pagesUnderWay_ == 0 && pagesTold_ < kToldPagesMax && bytesTold_ + bytes <= kToldBytesMax;
}

void Follower::send(const Page& page) {
  std::size_t bytes = page.bytes();
  std::size_t entries = page.entries.size();
  followers_.observer_.pushed(entries);
  if (mayTell(bytes)) {
    ++pagesTold_;
    bytesTold_ += bytes;
    sink_->tellEntries(page);
    return;
  }
  pagesTold_ = 0;
  bytesTold_ = 0;
  ++pagesUnderWay_;
  bytesUnderWay_ += bytes;
  calls_.add(sink_->entries(page).then([this, bytes, begun = followers_.timer_.now()]() {
    followers_.observer_.pushAnswered(followers_.timer_.now() - begun);
    --pagesUnderWay_;
    bytesUnderWay_ -= bytes;
    stir();
  }));
}

void Follower::tellIndex(uint64_t change) {
  indexDue_ = std::max(indexDue_.value_or(0), change);
  sendIndex();
}

// One under way: whatever changes meanwhile is one more push, not many.
void Follower::sendIndex() {
  if (indexUnderWay_ || !indexDue_ || isOver()) return;
  indexUnderWay_ = true;
  calls_.add(sink_->indexChanged(*std::exchange(indexDue_, std::nullopt)).then([this]() {
    indexUnderWay_ = false;
    sendIndex();
  }));
}

void Follower::tellList(const wire::DeviceList& list) {
  listDue_ = list;
  sendList();
}

void Follower::sendList() {
  if (listUnderWay_ || !listDue_ || isOver()) return;
  listUnderWay_ = true;
  calls_.add(sink_->devicesChanged(*std::exchange(listDue_, std::nullopt)).then([this]() {
    listUnderWay_ = false;
    sendList();
  }));
}

// A turn later: whoever stirs may be walking the followers.
void Follower::stir() {
  if (pumping_ || isOver()) return;
  pumping_ = true;
  calls_.add(kj::evalLater([this]() { return pump(); }).catch_([](kj::Exception&& exception) {
    KJ_LOG(ERROR, "a follower ended", exception);
  }));
}

// A push did not arrive: the device is gone, and comes back with its own cursor.
void Follower::taskFailed(kj::Exception&&) { over_ = true; }

}  // namespace qpq::server
