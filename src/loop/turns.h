#pragma once

#include <kj/async.h>
#include <kj/memory.h>

#include <deque>
#include <map>

namespace qpq::loop {

// One after the other for each key, in the order in which they came. Outlives every turn it gives.
template <class Key>
class Turns {
 public:
  class Turn {
   public:
    Turn(Turns& turns, const Key& key): turns_(turns), key_(key) {}
    ~Turn() noexcept(false) { turns_.pass(key_); }
    KJ_DISALLOW_COPY_AND_MOVE(Turn);

   private:
    Turns& turns_;
    const Key key_;
  };

  // Resolves when all who came before have dropped theirs.
  kj::Promise<kj::Own<Turn>> take(const Key& key) {
    auto [waiting, isFree] = waiting_.try_emplace(key);
    if (isFree) return kj::heap<Turn>(*this, key);
    auto paired = kj::newPromiseAndFulfiller<kj::Own<Turn>>();
    waiting->second.push_back(kj::mv(paired.fulfiller));
    return kj::mv(paired.promise);
  }

 private:
  void pass(const Key& key) {
    auto found = waiting_.find(key);
    while (!found->second.empty()) {
      auto next = kj::mv(found->second.front());
      found->second.pop_front();
      if (!next->isWaiting()) continue;
      next->fulfill(kj::heap<Turn>(*this, key));
      return;
    }
    waiting_.erase(found);
  }

  // A key that is here has a turn under way.
  std::map<Key, std::deque<kj::Own<kj::PromiseFulfiller<kj::Own<Turn>>>>> waiting_;
};

}  // namespace qpq::loop
