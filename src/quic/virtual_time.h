#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <utility>

namespace qpq::quic {

// Time for simulations: stands still while anything is left to do and then jumps to the next moment somebody waits
// for. Waiting for a promise that nothing will ever fulfil is an error, not a hang.
//
//   VirtualTime time;
//   kj::EventLoop loop(time);
//   kj::WaitScope waitScope(loop);
//   time.timer().afterDelay(10 * kj::MINUTES).wait(waitScope);   // returns at once
class VirtualTime final: public kj::EventPort {
 public:
  VirtualTime();

  kj::Timer& timer() { return timer_; }

  bool wait() override;
  bool poll() override { return std::exchange(woken_, false); }
  // What other programs' threads do here happens on the one thread there is.
  void wake() const override { woken_ = true; }

 private:
  kj::TimerImpl timer_;
  mutable bool woken_ = false;
};

}  // namespace qpq::quic
