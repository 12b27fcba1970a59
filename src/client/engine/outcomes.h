#pragma once

#include <kj/async.h>

#include <vector>

#include "client/engine/core_seat.h"
#include "client/engine/listeners.h"
#include "client/engine/online.h"

namespace qpq::client {

// What the core made durable is told, whatever becomes of the connection it came by: a page may be stored in the very
// moment its connection ends, and nobody would ever ask for it again. Outlives every Delivery.
class Outcomes final: private kj::TaskSet::ErrorHandler {
 public:
  Outcomes(CoreSeat& core, Listeners& listeners): core_(core), listeners_(listeners), tasks_(*this) {}
  KJ_DISALLOW_COPY_AND_MOVE(Outcomes);

  // Asks the core for a change. Its events and decisions are told even if the answer is awaited no more.
  template <class Question>
  auto ask(Question question) {
    using Answer = std::invoke_result_t<Question, core::Core&>;
    auto answer = core_.ask(kj::mv(question))
                      .then([this](Answer given) {
                        if (given) take(outcomeOf(*given));
                        return given;
                      })
                      .fork();
    tasks_.add(answer.addBranch().ignoreResult());
    return answer.addBranch();
  }
  // Of an answer that came another way.
  void take(const core::Outcome& outcome);

  // While there is a connection, whoever has no name yet is asked for before an event is told.
  void connected(Online& online) { online_ = online; }
  void disconnected();
  // Resolves when every event that is durable by now has been told.
  kj::Promise<void> told();
  // Resolves when all is told. Without a connection that is soon.
  kj::Promise<void> drained() { return tasks_.onEmpty(); }

 private:
  static const core::Outcome& outcomeOf(const core::Outcome& outcome) { return outcome; }
  static const core::Outcome& outcomeOf(const core::Core::NextOutgoing& next) { return next.outcome; }
  kj::Promise<void> tellAll();
  void taskFailed(kj::Exception&& exception) override;

  CoreSeat& core_;
  Listeners& listeners_;
  kj::Maybe<Online&> online_;
  std::vector<Event> untold_;
  bool telling_ = false;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // for all to be told
  kj::TaskSet tasks_;
  kj::Canceler naming_;  // a connection that ends holds up nothing
};

}  // namespace qpq::client
