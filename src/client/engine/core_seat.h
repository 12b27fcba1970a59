#pragma once

#include <kj/async.h>
#include <kj/debug.h>

#include <memory>
#include <type_traits>

#include "client/core/core.h"
#include "loop/worker.h"

namespace qpq::client {

// Where the core sits: on the worker, and asked only through it.
class CoreSeat {
 public:
  CoreSeat(loop::Worker& worker, std::unique_ptr<core::Core> core): worker_(worker), core_(std::move(core)) {}

  // Runs `question(core)` on the worker. It captures and returns plain values only.
  template <class Question>
  kj::Promise<std::invoke_result_t<Question, core::Core&>> ask(Question question) {
    KJ_REQUIRE(core_ != nullptr, "the profile is closed");
    return worker_.run([core = core_.get(), question = kj::mv(question)]() mutable { return question(*core); });
  }
  // Blocking work that needs no core: key derivation, signatures.
  template <class Job>
  kj::Promise<std::invoke_result_t<Job>> compute(Job job) {
    return worker_.run(kj::mv(job));
  }
  // Closes the database where it lives. Nothing may be asked afterwards.
  kj::Promise<void> close() {
    return worker_.run([core = std::shared_ptr<core::Core>(kj::mv(core_))]() mutable { core.reset(); });
  }

 private:
  loop::Worker& worker_;
  std::unique_ptr<core::Core> core_;
};

}  // namespace qpq::client
