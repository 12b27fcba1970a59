#include "server/turns.h"

namespace qpq::server {

kj::Promise<kj::Own<Turns::Turn>> Turns::take() {
  if (!isTaken_) {
    isTaken_ = true;
    return kj::heap<Turn>(shared_from_this());
  }
  auto paired = kj::newPromiseAndFulfiller<kj::Own<Turn>>();
  waiting_.push_back(kj::mv(paired.fulfiller));
  return kj::mv(paired.promise);
}

void Turns::next() {
  while (!waiting_.empty()) {
    auto first = kj::mv(waiting_.front());
    waiting_.pop_front();
    // A turn that nobody receives any more ends with its promise, and passes itself on.
    if (first->isWaiting()) return first->fulfill(kj::heap<Turn>(shared_from_this()));
  }
  isTaken_ = false;
}

}  // namespace qpq::server
