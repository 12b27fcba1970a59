#pragma once

#include <kj/async.h>
#include <kj/debug.h>
#include <kj/function.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace qpq::loop {

// Letters from any thread to one loop, each sender's in order. A burst costs one wake-up. Letters are plain data:
// whatever belongs to a loop may not leave it.
template <class Letter>
class Mailbox final: private kj::TaskSet::ErrorHandler {
 public:
  // The senders' side. It may outlive the mailbox; what is posted then is lost.
  class Slot {
   public:
    Slot() = default;
    KJ_DISALLOW_COPY_AND_MOVE(Slot);
    void post(Letter letter);
    // For letters that may be lost: not if so many wait already.
    void postUnlessFull(Letter letter, std::size_t waitingMax);

   private:
    friend class Mailbox;
    std::vector<Letter> take();
    void put(Letter letter, std::unique_lock<std::mutex> lock);

    const std::thread::id home_ = std::this_thread::get_id();
    std::mutex mutex_;  // guards what follows
    std::vector<Letter> letters_;
    bool closed_ = false;
    kj::Maybe<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> fromAfar_;
    // Touched at home only.
    kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> fromHere_;
  };

  // `read` is called on this loop, once for each letter.
  explicit Mailbox(kj::Function<void(Letter)> read)
      : slot_(std::make_shared<Slot>()), read_(kj::mv(read)), reading_(*this) {
    reading_.add(readForever());
  }
  ~Mailbox() noexcept(false) {
    std::scoped_lock lock(slot_->mutex_);
    slot_->closed_ = true;
    slot_->fromAfar_ = nullptr;
    slot_->fromHere_ = nullptr;
  }
  KJ_DISALLOW_COPY_AND_MOVE(Mailbox);

  const std::shared_ptr<Slot>& slot() const { return slot_; }

 private:
  kj::Promise<void> readForever();
  kj::Promise<void> whenPosted();
  void taskFailed(kj::Exception&& exception) override { KJ_LOG(FATAL, "a mailbox is read no more", exception); }

  std::shared_ptr<Slot> slot_;
  kj::Function<void(Letter)> read_;
  kj::TaskSet reading_;
};

template <class Letter>
void Mailbox<Letter>::Slot::post(Letter letter) {
  put(std::move(letter), std::unique_lock(mutex_));
}

template <class Letter>
void Mailbox<Letter>::Slot::postUnlessFull(Letter letter, std::size_t waitingMax) {
  std::unique_lock lock(mutex_);
  if (letters_.size() < waitingMax) put(std::move(letter), std::move(lock));
}

template <class Letter>
void Mailbox<Letter>::Slot::put(Letter letter, std::unique_lock<std::mutex> lock) {
  if (closed_) return;
  letters_.push_back(std::move(letter));
  if (std::this_thread::get_id() == home_) {
    KJ_IF_MAYBE (waiting, fromHere_) (*waiting)->fulfill();
    fromHere_ = nullptr;
    return;
  }
  KJ_IF_MAYBE (waiting, fromAfar_) {
    auto waker = kj::mv(*waiting);
    fromAfar_ = nullptr;
    lock.unlock();
    waker->fulfill();
  }
}

template <class Letter>
std::vector<Letter> Mailbox<Letter>::Slot::take() {
  std::scoped_lock lock(mutex_);
  return std::exchange(letters_, {});
}

template <class Letter>
kj::Promise<void> Mailbox<Letter>::readForever() {
  for (;;) {
    for (Letter& letter : slot_->take()) read_(kj::mv(letter));
    co_await whenPosted();
  }
}

template <class Letter>
kj::Promise<void> Mailbox<Letter>::whenPosted() {
  std::scoped_lock lock(slot_->mutex_);
  if (!slot_->letters_.empty()) return kj::evalLater([]() {});
  auto here = kj::newPromiseAndFulfiller<void>();
  auto afar = kj::newPromiseAndCrossThreadFulfiller<void>();
  slot_->fromHere_ = kj::mv(here.fulfiller);
  slot_->fromAfar_ = kj::mv(afar.fulfiller);
  return here.promise.exclusiveJoin(kj::mv(afar.promise));
}

}  // namespace qpq::loop
