#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/vector.h>

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "loop/mailbox.h"
#include "loop/worker.h"
#include "server/outcomes.h"
#include "server/write_queue.h"

namespace qpq::server {

// One loop's way to the store's writer. Answers and news leave only when the transaction they rest on is durable.
//
// An operation is a callable `store::Result<T>(Write&)` that holds plain data: it runs on the worker. It validates
// before it writes, so that a refusal among its answers leaves nothing behind. A failure of the store takes the whole
// flush with it: every operation in it is answered Unavailable, and none has happened as far as anyone was told.
class StoreWriter final: private kj::TaskSet::ErrorHandler {
 public:
  // Both must outlive the worker's last job.
  StoreWriter(loop::Worker& worker, WriteQueue& queue);
  ~StoreWriter() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(StoreWriter);

  // Called on the loop after each durable flush of anyone's, before this loop's answers from it are given.
  void onNews(kj::Function<void(const News&)> listener) { listener_ = kj::mv(listener); }

  // Queued at once, in order; operations on one log may be written before earlier ones on others (write_queue.h).
  // Dropping the promise does not take the operation back.
  template <class Operation>
  auto run(Operation operation) {
    return run(WriteQueue::About(), std::move(operation));
  }
  template <class Operation>
  auto run(const WriteQueue::About& about, Operation operation) {
    using T = typename std::invoke_result_t<Operation, Write&>::value_type;
    auto paired = kj::newPromiseAndFulfiller<std::expected<T, Unavailable>>();
    // Shared: the operation may still be at work when nobody waits for its answer any more.
    auto answer = std::make_shared<std::optional<T>>();
    bool queued =
        enqueue(about, [answer, operation = std::move(operation)](Write& write) mutable -> store::Result<void> {
          answer->emplace(TRY(operation(write)));
          return {};
        });
    if (!queued) {
      paired.fulfiller->fulfill(std::unexpected(Unavailable()));
      return kj::mv(paired.promise);
    }
    settles_.emplace(tickets_, [answer, fulfiller = kj::mv(paired.fulfiller)](bool durable) mutable {
      if (durable) {
        fulfiller->fulfill(kj::mv(**answer));
      } else {
        fulfiller->fulfill(std::unexpected(Unavailable()));
      }
    });
    return kj::mv(paired.promise);
  }

  // Resolves when everything queued so far, and whatever joins it, is decided.
  kj::Promise<void> drained();

 private:
  using Settle = kj::Function<void(bool durable)>;

  bool enqueue(const WriteQueue::About& about, WriteQueue::Work work);
  void settle(const WriteQueue::Flushed& flushed);
  void taskFailed(kj::Exception&& exception) override;

  loop::Worker& worker_;
  WriteQueue& queue_;
  kj::Function<void(const News&)> listener_ = [](const News&) {};
  uint64_t tickets_ = 0;
  std::map<uint64_t, Settle> settles_;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> waitingForDrain_;
  loop::Mailbox<WriteQueue::Flushed> mailbox_;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
