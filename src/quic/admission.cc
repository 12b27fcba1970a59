#include "quic/admission.h"

namespace qpq::quic {

Admission::Admission(const Limits& limits, Random& random)
    : limits_(limits),
      unprovenRates_(random, limits.handshakeBurstPerAddress, limits.handshakesPerAddressPerMinute),
      provenRates_(random, limits.handshakeBurstPerAddress, limits.handshakesPerAddressPerMinute) {}

Admission::Verdict Admission::judge(const SocketAddress& client, Proven proven, kj::TimePoint now) {
  if (connections_ >= limits_.connectionsMax || halfOpen_ >= limits_.halfOpenMax) return Verdict::ignore;
  auto found = counts_.find(client.block());
  Counts counts = found == counts_.end() ? Counts{} : found->second;
  bool full = counts.connections >= limits_.connectionsPerAddressMax;
  if (proven == Proven::yes) {
    if (!provenRates_.take(client, now)) return Verdict::ignore;
    return full ? Verdict::refuse : Verdict::accept;
  }
  // Whose address this is nobody knows yet, so it is told nothing but "prove it".
  bool busy = halfOpen_ >= limits_.halfOpenBeforeRetry || counts.halfOpen >= limits_.halfOpenPerAddressMax;
  return full || busy || !unprovenRates_.take(client, now) ? Verdict::retry : Verdict::accept;
}

Admission::Place::Place(Admission& admission, const SocketAddress& client, Room room)
    : admission_(admission), block_(client.block()), room_(std::move(room)) {
  auto& counts = admission_.counts_[block_];
  ++counts.connections;
  ++counts.halfOpen;
  ++admission_.connections_;
  ++admission_.halfOpen_;
}

Admission::Place::~Place() {
  handshakeDone();
  --admission_.connections_;
  auto counts = admission_.counts_.find(block_);
  if (--counts->second.connections == 0) admission_.counts_.erase(counts);
}

void Admission::Place::handshakeDone() {
  if (!halfOpen_) return;
  halfOpen_ = false;
  room_ = nullptr;
  --admission_.halfOpen_;
  --admission_.counts_.at(block_).halfOpen;
}

}  // namespace qpq::quic
