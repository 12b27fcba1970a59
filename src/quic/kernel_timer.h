#pragma once

#include <kj/async-unix.h>
#include <kj/timer.h>

namespace qpq::quic {

// CLOCK_MONOTONIC and one timerfd. KJ's own timer rounds to a millisecond, which is coarse for the probe timeouts and
// the pacing of a short path.
//
// now() is the true time, not that of the last wait: one turn of the loop may take long.
class KernelTimer final: public kj::Timer {
 public:
  explicit KernelTimer(kj::UnixEventPort& port);

  kj::TimePoint now() const override;
  kj::Promise<void> atTime(kj::TimePoint time) override;
  kj::Promise<void> afterDelay(kj::Duration delay) override;

 private:
  kj::Promise<void> fireForever();
  void arm();

  kj::AutoCloseFd fd_;
  kj::UnixEventPort::FdObserver observer_;
  kj::TimerImpl waiting_;
  kj::Maybe<kj::TimePoint> armedFor_;
  kj::Promise<void> firing_;
};

}  // namespace qpq::quic
