#include "quic/loop_round.h"

#include <kj/debug.h>

#include <utility>

namespace qpq::quic {
namespace {

// About a millisecond of calls.
constexpr unsigned kMessagesPerRound = 64;

}  // namespace

bool LoopRound::take(uint64_t& last) {
  // KJ's clock stands still between two looks.
  if (timer_.now() != begun_) begin();
  bool isFirst = std::exchange(last, number_) != number_;
  return ++taken_ <= kMessagesPerRound || isFirst;
}

void LoopRound::begin() {
  begun_ = timer_.now();
  ++number_;
  taken_ = 0;
}

kj::Promise<void> LoopRound::next(uint64_t& last) {
  if (!isNextAwaited_) {
    isNextAwaited_ = true;
    // KJ looks at the time where nothing else is left to do. A simulated clock stands still for many rounds.
    next_ = timer_.afterDelay(0 * kj::SECONDS)
                .then([this]() {
                  isNextAwaited_ = false;
                  begin();
                })
                .fork();
  }
  return KJ_ASSERT_NONNULL(next_).addBranch().then([this, &last]() { last = number_; });
}

}  // namespace qpq::quic
