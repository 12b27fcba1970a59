#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <type_traits>

#include "server/store/error.h"

namespace qpq::server::store::contract {

// What befalls one call to a store, counted from 1.
struct Fault {
  enum class Of { call, commit };
  enum class Then {
    fails,        // it does nothing, and says so
    waits,        // it takes its time, and is done
    answerLost,   // of a commit: it is done, and nobody hears
    requestLost,  // of a commit: it is not done, and nobody hears
  };
  Of of = Of::call;
  uint64_t nth = 1;
  Then then = Then::fails;
  uint64_t times = 1;  // in a row
};

// Counts the calls to a store, beginnings and commits among them, and strikes where it was told to.
class Calls {
 public:
  static constexpr std::chrono::milliseconds kWait{2};

  void set(std::optional<Fault> fault) {
    fault_ = fault;
    calls_ = commits_ = 0;
  }
  uint64_t count() const { return calls_; }

  template <class Call>
  auto pass(Call call) -> std::invoke_result_t<Call> {
    auto then = next(Fault::Of::call, ++calls_);
    if (then == Fault::Then::fails) return std::unexpected(Error(Error::Code::failed, "a call that was to fail"));
    return call();
  }
  // What befalls this commit; it has waited already.
  std::optional<Fault::Then> commit() {
    auto asCall = next(Fault::Of::call, ++calls_);
    auto asCommit = next(Fault::Of::commit, ++commits_);
    return asCall ? asCall : asCommit;
  }

 private:
  std::optional<Fault::Then> next(Fault::Of of, uint64_t count) const {
    if (!fault_ || fault_->of != of || count < fault_->nth || count >= fault_->nth + fault_->times) return std::nullopt;
    if (fault_->then == Fault::Then::waits) std::this_thread::sleep_for(kWait);
    return fault_->then;
  }

  std::optional<Fault> fault_;
  uint64_t calls_ = 0;
  uint64_t commits_ = 0;
};

}  // namespace qpq::server::store::contract
