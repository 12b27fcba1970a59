#pragma once

#include <kj/async.h>
#include <kj/memory.h>

#include <deque>
#include <memory>

namespace qpq::server {

// Those who want the same thing get it one at a time, in the order in which they asked. Always held by a shared_ptr.
class Turns: public std::enable_shared_from_this<Turns> {
 public:
  // Dropping it lets the next one in.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<Turns> turns): turns_(std::move(turns)) {}
    ~Turn() noexcept(false) { turns_->next(); }
    KJ_DISALLOW_COPY_AND_MOVE(Turn);

   private:
    std::shared_ptr<Turns> turns_;
  };

  // Whoever wants it no more drops the promise.
  kj::Promise<kj::Own<Turn>> take();

 private:
  void next();

  bool isTaken_ = false;
  std::deque<kj::Own<kj::PromiseFulfiller<kj::Own<Turn>>>> waiting_;
};

}  // namespace qpq::server
