#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "loop/mailbox.h"
#include "server/keys.h"
#include "server/observe/budget.h"
#include "server/observe/observer.h"
#include "server/store/connection.h"
#include "server/write.h"

namespace qpq::server {

// Operations of all loops on their way into one store, with group commit: whatever queues up while a flush runs goes
// into the next one, up to kFlushOperationsMax in one transaction. The writer's thread goes on from flush to flush by
// itself; no loop's turn lies between them.
//
// Operations on one log that wait together are written together, in their order, even if operations on others came
// between: they share the log's pages of the indexes, each of which is encrypted and written once per flush. At most
// kBunchOperationsMax of them, so that nobody waits long for a log that is busy.
class WriteQueue {
 public:
  using Work = std::move_only_function<store::Result<void>(Write&)>;
  // What a loop is told of a flush: of its operations, by ticket, and of the news, which are every loop's. Nothing is
  // told before it is durable.
  struct Flushed {
    std::vector<uint64_t> tickets;
    std::shared_ptr<const News> news;  // nothing: it has failed, and none of it has happened
  };
  using Home = std::shared_ptr<loop::Mailbox<Flushed>::Slot>;

  // All outlive the worker's last job, and so does the queue. `observer` is told of each flush, on the worker.
  WriteQueue(store::Connection& connection, const BlobFiles& files, const ServerKeys& keys, const Clock& clock,
             Observer& observer = unobserved())
      : connection_(connection), files_(files), keys_(keys), clock_(clock), observer_(observer) {}
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  void join(const Home& home);
  void leave(const Home& home);

  enum class Pushed {
    full,    // kWriteQueueMax operations or kWriteQueueBytesMax wait: nothing was queued
    queued,  // and will be written
    first,   // nobody writes: the caller gives flushAll() to the worker
  };
  // `log`: the one the operation works on, if it is one. `bytes`: what it holds of a client's, where that may be much.
  struct About {
    std::optional<LogId> log{};
    std::size_t bytes = 0;
  };
  Pushed push(Work work, uint64_t ticket, const Home& home, const About& about);
  const BlobFiles& files() const { return files_; }
  // The queue and the rates of what is written.
  std::vector<Budget> budgets();
  // On the worker: until nothing is left.
  void flushAll();

 private:
  struct Queued {
    Work work;
    std::size_t bytes;
    uint64_t ticket;
    Home home;
  };
  using Bunch = std::vector<Queued>;
  Bunch& bunchFor(const std::optional<LogId>& log);
  std::vector<Queued> next();
  void tell(const std::vector<Queued>& batch, const std::shared_ptr<const News>& news);
  std::shared_ptr<const News> flush(std::vector<Queued>& batch);
  store::Result<News> write(std::vector<Queued>& batch);

  store::Connection& connection_;
  const BlobFiles& files_;
  const ServerKeys& keys_;
  const Clock& clock_;
  Observer& observer_;
  WriteRates rates_;

  std::mutex mutex_;  // guards what follows
  std::deque<std::pair<std::optional<LogId>, Bunch>> queue_;
  std::map<LogId, Bunch*> open_;  // of the queue's, the newest of each log
  std::size_t waiting_ = 0;       // operations in the queue
  std::size_t waitingBytes_ = 0;
  bool flushing_ = false;
  std::vector<Home> homes_;
};

}  // namespace qpq::server
