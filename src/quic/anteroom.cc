#include "quic/anteroom.h"

namespace qpq::quic {
namespace {

// A millisecond of work: a datagram may be the last of a handshake, and to begin one takes a quarter of it.
constexpr unsigned kDatagramsPerTurn = 16;
constexpr unsigned kNewcomersPerTurn = 2;
// Whoever has begun goes on first: each more in progress is one more whose datagrams come late, and twice. But clients
// that never stop sending must not keep everybody else out.
constexpr unsigned kTurnsWithoutGreetingMax = 4;
constexpr std::size_t kDatagramsMax = 1024;

}  // namespace

void Anteroom::add(const ConnectionId& destination, const IncomingDatagram& datagram) {
  if (datagrams_.size() < kDatagramsMax) datagrams_.emplace_back(destination, CarriedDatagram::of(datagram));
}

void Anteroom::takeSome() {
  for (unsigned i = 0; i < kDatagramsPerTurn && !datagrams_.empty(); ++i) hear();
  unsigned newcomers = newcomersThisTurn();
  for (unsigned i = 0; i < newcomers && !greetings_.empty(); ++i) greet();
}

unsigned Anteroom::newcomersThisTurn() {
  if (datagrams_.empty()) return kNewcomersPerTurn;
  if (++turnsWithoutGreeting_ < kTurnsWithoutGreetingMax) return 0;
  turnsWithoutGreeting_ = 0;
  return 1;
}

void Anteroom::hear() {
  auto [destination, datagram] = std::move(datagrams_.front());
  datagrams_.pop_front();
  Recipient* recipient = routes_.find(destination);
  if (recipient == nullptr) recipient = routes_.findByReset(datagram.view().payload);
  if (recipient != nullptr) recipient->receive(datagram.view());
}

void Anteroom::greet() {
  auto newcomer = std::move(greetings_.front());
  greetings_.pop_front();
  greet_(std::move(newcomer));
}

}  // namespace qpq::quic
