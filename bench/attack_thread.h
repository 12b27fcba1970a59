#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace qpq::bench {

// A thread that attacks until it is told to stop, on the same cores as whoever begins it, but behind them: what it
// wants for itself must not be mistaken for what it does to the server.
class AttackThread {
 public:
  using Stopped = std::atomic<bool>;
  explicit AttackThread(std::function<void(const Stopped&)> attack);
  ~AttackThread();  // waits for its end
  AttackThread(const AttackThread&) = delete;
  AttackThread& operator=(const AttackThread&) = delete;

 private:
  Stopped stopped_ = false;
  std::thread thread_;
};

}  // namespace qpq::bench
