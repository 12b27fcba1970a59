#include "attack_thread.h"

#include <kj/exception.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace qpq::bench {

AttackThread::AttackThread(std::function<void(const Stopped&)> attack)
    : thread_([this, attack = std::move(attack)]() {
        sched_param none{};
        ::sched_setscheduler(0, SCHED_OTHER, &none);
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10);
        try {
          attack(stopped_);
        } catch (const kj::Exception& exception) {
          std::fprintf(stderr, "the attack ended: %s\n", exception.getDescription().cStr());
        }
      }) {}

AttackThread::~AttackThread() {
  stopped_ = true;
  thread_.join();
}

}  // namespace qpq::bench
