#include "loop/worker.h"

#include <kj/debug.h>

namespace qpq::loop {

ThreadWorker::ThreadWorker(): thread_([this]() { work(); }) {}

ThreadWorker::~ThreadWorker() noexcept(false) {
  {
    std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
}

kj::Promise<void> ThreadWorker::enqueue(kj::Function<void()> job) {
  auto paired = kj::newPromiseAndCrossThreadFulfiller<void>();
  {
    std::scoped_lock lock(mutex_);
    tasks_.push_back({kj::mv(job), kj::mv(paired.fulfiller)});
  }
  changed_.notify_one();
  return kj::mv(paired.promise);
}

void ThreadWorker::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this]() { return closing_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task task = kj::mv(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { task.job(); })) {
      task.done->reject(kj::mv(*exception));
    } else {
      task.done->fulfill();
    }
  }
}

kj::Promise<void> LoopWorker::enqueue(kj::Function<void()> job) {
  auto paired = kj::newPromiseAndFulfiller<void>();
  tasks_.push_back({kj::mv(job), kj::mv(paired.fulfiller)});
  draining_.add(kj::evalLater([this]() { runNext(); }));
  return kj::mv(paired.promise);
}

void LoopWorker::runNext() {
  Task task = kj::mv(tasks_.front());
  tasks_.pop_front();
  KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { task.job(); })) {
    task.done->reject(kj::mv(*exception));
  } else {
    task.done->fulfill();
  }
}

void LoopWorker::taskFailed(kj::Exception&& exception) { KJ_LOG(FATAL, "a worker's own turn failed", exception); }

}  // namespace qpq::loop
