#pragma once

#include <kj/function.h>

#include <deque>
#include <memory>
#include <utility>

#include "quic/greeting.h"
#include "quic/routing.h"

namespace qpq::quic {

// Where those wait who are not known: clients whose handshake has not begun, and datagrams of clients of whom the
// application does not know yet who they are. The loop takes a few of them after it has answered everybody else.
class Anteroom {
 public:
  using Greet = kj::Function<void(std::unique_ptr<Greeting>)>;
  Anteroom(RoutingTable& routes, Greet greet): routes_(routes), greet_(kj::mv(greet)) {}
  KJ_DISALLOW_COPY_AND_MOVE(Anteroom);

  // Each has a place: at most Limits::halfOpenMax.
  void add(std::unique_ptr<Greeting> greeting) { greetings_.push_back(std::move(greeting)); }
  // What is too much is lost on the way, so they send less.
  void add(const ConnectionId& destination, const IncomingDatagram& datagram);

  bool empty() const { return greetings_.empty() && datagrams_.empty(); }
  void takeSome();
  void forgetNewcomers() { greetings_.clear(); }

 private:
  void hear();
  void greet();
  unsigned newcomersThisTurn();

  RoutingTable& routes_;
  Greet greet_;
  std::deque<std::unique_ptr<Greeting>> greetings_;
  std::deque<std::pair<ConnectionId, CarriedDatagram>> datagrams_;
  unsigned turnsWithoutGreeting_ = 0;
};

}  // namespace qpq::quic
