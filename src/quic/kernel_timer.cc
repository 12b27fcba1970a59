#include "quic/kernel_timer.h"

#include <kj/debug.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

namespace qpq::quic {
namespace {

kj::TimePoint kernelNow() {
  timespec now;
  KJ_SYSCALL(clock_gettime(CLOCK_MONOTONIC, &now));
  return kj::origin<kj::TimePoint>() + now.tv_sec * kj::SECONDS + now.tv_nsec * kj::NANOSECONDS;
}

kj::AutoCloseFd openTimer() {
  int fd;
  KJ_SYSCALL(fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  return kj::AutoCloseFd(fd);
}

}  // namespace

KernelTimer::KernelTimer(kj::UnixEventPort& port)
    : fd_(openTimer()),
      observer_(port, fd_, kj::UnixEventPort::FdObserver::OBSERVE_READ),
      waiting_(kernelNow()),
      firing_(fireForever().eagerlyEvaluate([](kj::Exception&& e) { KJ_LOG(FATAL, "the timer stopped", e); })) {}

kj::TimePoint KernelTimer::now() const { return kernelNow(); }

kj::Promise<void> KernelTimer::atTime(kj::TimePoint time) {
  auto reached = waiting_.atTime(time);
  arm();
  return reached;
}

kj::Promise<void> KernelTimer::afterDelay(kj::Duration delay) { return atTime(now() + delay); }

kj::Promise<void> KernelTimer::fireForever() {
  for (;;) {
    co_await observer_.whenBecomesReadable();
    uint64_t expirations;
    // EAGAIN: it was re-armed for later between the wake-up and here.
    [[maybe_unused]] auto size = ::read(fd_, &expirations, sizeof expirations);
    armedFor_ = nullptr;
    waiting_.advanceTo(kernelNow());
    arm();
  }
}

// Only ever moves the kernel's timer earlier; firing too early costs one look, a system call per change costs more.
void KernelTimer::arm() {
  KJ_IF_MAYBE (next, waiting_.nextEvent()) {
    KJ_IF_MAYBE (armed, armedFor_) {
      if (*armed <= *next) return;
    }
    // All zero would disarm.
    auto ns = kj::max(int64_t{1}, (*next - kj::origin<kj::TimePoint>()) / kj::NANOSECONDS);
    itimerspec when{};
    when.it_value.tv_sec = ns / 1'000'000'000;
    when.it_value.tv_nsec = ns % 1'000'000'000;
    KJ_SYSCALL(timerfd_settime(fd_, TFD_TIMER_ABSTIME, &when, nullptr));
    armedFor_ = *next;
  }
}

}  // namespace qpq::quic
