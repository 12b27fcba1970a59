#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "server/limits.h"
#include "server/logs.h"
#include "server/observe/observer.h"
#include "server/sessions.h"
#include "server/tails.h"
#include "server/write.h"

namespace qpq::server {

struct Place {
  LogId log;
  uint64_t seq;
};

// Where the pushes for one device go. A call's promise resolves when the device has taken it in; a failure means that
// the device is gone.
class FollowSink {
 public:
  virtual ~FollowSink() noexcept(false) = default;
  virtual kj::Promise<void> entries(const Page& page) = 0;  // borrowed for the call alone
  // The same, and nothing is heard of it any more: the answer is a third of what a push costs.
  virtual void tellEntries(const Page& page) = 0;
  virtual kj::Promise<void> indexChanged(uint64_t change) = 0;
  virtual kj::Promise<void> devicesChanged(wire::DeviceList list) = 0;
  virtual kj::Promise<void> closing(uint64_t afterMs) = 0;
};

class Follower;

// Who is told what. News only says where to look: every page is read from the store, so a follower that is slow or was
// told twice still gets each entry once and in order.
class Followers {
 public:
  Followers(Logs& logs, kj::Timer& timer, Observer& observer = unobserved())
      : logs_(logs), tails_(logs), timer_(timer), observer_(observer) {}
  KJ_DISALLOW_COPY_AND_MOVE(Followers);

  // Subscribes before it reads. Dropping the follower ends it.
  kj::Own<Follower> follow(kj::Own<Session> session, kj::Own<FollowSink> sink, const std::vector<Place>& places);
  void tell(const News& news);
  // Tells everyone that the server goes; resolves when all have heard it or are gone.
  kj::Promise<void> sayClosing(uint64_t afterMs);
  std::size_t count() const { return byAccount_.size(); }

 private:
  friend class Follower;
  Logs& logs_;
  Tails tails_;
  kj::Timer& timer_;
  Observer& observer_;
  // By number, so that everyone is told in the same order in every run.
  std::map<std::pair<LogId, uint64_t>, Follower*> byLog_;
  std::map<std::pair<AccountId, uint64_t>, Follower*> byAccount_;
  uint64_t begun_ = 0;
};

class Follower final: private kj::TaskSet::ErrorHandler {
 public:
  Follower(Followers& followers, kj::Own<Session> session, kj::Own<FollowSink> sink, uint64_t number);
  ~Follower() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(Follower);

  // Follows from each place on; a log already followed is read again from there. Beyond kFollowedLogsMax nothing is
  // added.
  void add(const std::vector<Place>& places);

 private:
  friend class Followers;
  struct Cursor {
    uint64_t seq;         // the last entry sent
    bool isDue = false;   // stands in due_
    bool isOpen = false;  // that was the newest then, and the rights went on: messages behind it are for this device
  };

  void wake(const LogId& log);
  void tellIndex(uint64_t change);
  void tellList(const wire::DeviceList& list);
  void sendIndex();
  void sendList();

  kj::Promise<void> pump();
  bool mayRead() const;
  // Whether what came next was sent from what all share.
  kj::Promise<bool> shareTail(LogId log, uint64_t after);
  kj::Promise<void> readAlone(LogId log, uint64_t after);
  void deliver(const LogId& log, ReadOutcome outcome);
  void deliver(const LogId& log, const Page& page);
  void send(const Page& page);
  bool mayTell(std::size_t bytes) const;
  void drop(const LogId& log);
  bool isOver() const { return over_ || session_->hasEnded(); }
  void stir();
  void taskFailed(kj::Exception&& exception) override;

  Followers& followers_;
  kj::Own<Session> session_;
  kj::Own<FollowSink> sink_;
  const uint64_t number_;
  bool over_ = false;  // the device is gone

  std::map<LogId, Cursor> cursors_;
  std::list<LogId> due_;
  std::size_t pagesUnderWay_ = 0;
  std::size_t bytesUnderWay_ = 0;
  // Since a page was sent that is answered; the first one is.
  std::size_t pagesTold_ = kToldPagesMax;
  std::size_t bytesTold_ = 0;

  std::optional<uint64_t> indexDue_;
  bool indexUnderWay_ = false;
  std::optional<wire::DeviceList> listDue_;
  bool listUnderWay_ = false;

  bool pumping_ = false;
  kj::TaskSet calls_;
};

}  // namespace qpq::server
