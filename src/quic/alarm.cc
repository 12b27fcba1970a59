#include "quic/alarm.h"

#include <kj/debug.h>

namespace qpq::quic {

Alarm::Alarm(kj::Timer& timer, kj::Function<void()> ring)
    : timer_(timer), ring_(kj::mv(ring)), slots_{kj::NEVER_DONE, kj::NEVER_DONE} {}

void Alarm::ringBy(kj::TimePoint time) {
  KJ_IF_MAYBE (already, setFor_) {
    if (*already <= time) return;
  }
  setFor_ = time;
  KJ_IF_MAYBE (running, ringing_) {
    set_ = 1 - *running;
  }
  unsigned slot = set_;
  slots_[slot] = timer_.atTime(time).then([this, slot]() { rang(slot); }).eagerlyEvaluate([](kj::Exception&& e) {
    KJ_LOG(ERROR, "an alarm failed", e);
  });
}

void Alarm::rang(unsigned slot) {
  setFor_ = nullptr;
  ringing_ = slot;
  KJ_DEFER(ringing_ = nullptr);
  ring_();
}

}  // namespace qpq::quic
