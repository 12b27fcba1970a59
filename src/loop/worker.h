#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/thread.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace qpq::loop {

// Where blocking work goes: database, key derivation, files. Jobs of one worker run one at a time in the order given,
// so a worker is also the owner of what its jobs touch.
//
// Only plain data may be captured and returned: a kj::Own, kj::Promise or capability belongs to the loop's thread. A
// job once given runs to its end even if the promise is dropped, because what it makes durable stays durable.
class Worker {
 public:
  virtual ~Worker() noexcept(false) = default;

  // The promise resolves on the calling loop with what `job` returns; an exception in the job arrives as one.
  template <class Job>
  kj::Promise<std::invoke_result_t<Job>> run(Job job) {
    using Result = std::invoke_result_t<Job>;
    if constexpr (std::is_void_v<Result>) {
      return enqueue(kj::mv(job));
    } else {
      // Shared: the job may still be running when the promise that waits for it is already gone.
      auto result = std::make_shared<std::optional<Result>>();
      auto fill = [result, job = kj::mv(job)]() mutable { result->emplace(job()); };
      return enqueue(kj::mv(fill)).then([result]() { return kj::mv(**result); });
    }
  }

 protected:
  virtual kj::Promise<void> enqueue(kj::Function<void()> job) = 0;
};

// One thread of its own. The destructor finishes what was given and joins.
class ThreadWorker final: public Worker {
 public:
  ThreadWorker();
  ~ThreadWorker() noexcept(false) override;
  KJ_DISALLOW_COPY_AND_MOVE(ThreadWorker);

 protected:
  kj::Promise<void> enqueue(kj::Function<void()> job) override;

 private:
  struct Task {
    kj::Function<void()> job;
    kj::Own<kj::CrossThreadPromiseFulfiller<void>> done;
  };
  void work();

  std::mutex mutex_;  // guards tasks_ and closing_
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool closing_ = false;
  kj::Thread thread_;  // inherits who hears KJ_LOG; joined by its destructor, before anything else goes
};

// The same contract on the calling loop itself, one job a turn: repeatable, for the simulator and tests.
class LoopWorker final: public Worker, private kj::TaskSet::ErrorHandler {
 public:
  LoopWorker(): draining_(*this) {}
  KJ_DISALLOW_COPY_AND_MOVE(LoopWorker);

 protected:
  kj::Promise<void> enqueue(kj::Function<void()> job) override;

 private:
  struct Task {
    kj::Function<void()> job;
    kj::Own<kj::PromiseFulfiller<void>> done;
  };
  void runNext();
  void taskFailed(kj::Exception&& exception) override;

  std::deque<Task> tasks_;
  kj::TaskSet draining_;
};

}  // namespace qpq::loop
