#pragma once

#include <kj/function.h>
#include <kj/timer.h>

namespace qpq::quic {

// One alarm clock for many appointments: rings once at the earliest moment asked for since it last rang. It is never
// cancelled; whoever is woken looks what is due.
class Alarm {
 public:
  Alarm(kj::Timer& timer, kj::Function<void()> ring);
  KJ_DISALLOW_COPY_AND_MOVE(Alarm);

  void ringBy(kj::TimePoint time);  // may be called while it rings

 private:
  void rang(unsigned slot);

  kj::Timer& timer_;
  kj::Function<void()> ring_;
  kj::Maybe<kj::TimePoint> setFor_;
  // A promise may not be replaced from inside its own continuation, so while one rings the other is set.
  kj::Promise<void> slots_[2];
  unsigned set_ = 0;
  kj::Maybe<unsigned> ringing_;
};

}  // namespace qpq::quic
