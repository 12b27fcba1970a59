#pragma once

#include <kj/time.h>

#include <memory>
#include <optional>
#include <vector>

#include "quic/admission.h"
#include "quic/routing.h"

namespace qpq::quic {

// A client that may come in and whose handshake has not begun: what it has sent so far, and its place. A handshake
// takes half a millisecond; if each began with its datagram, a crowd at the door would hold up all who are inside.
class Greeting final: public Recipient {
 public:
  Greeting(RoutingTable& routes, const ConnectionId& destination, const IncomingDatagram& first,
           std::optional<ConnectionId> beforeRetry, std::unique_ptr<Admission::Place> place, kj::TimePoint begun)
      : routes_(routes),
        destination_(destination),
        beforeRetry_(beforeRetry),
        place_(std::move(place)),
        begun_(begun),
        datagrams_{CarriedDatagram::of(first)} {
    routes_.add(destination_, *this);
  }
  ~Greeting() { routes_.remove(destination_, *this); }
  Greeting(const Greeting&) = delete;
  Greeting& operator=(const Greeting&) = delete;

  // The rest of the ClientHello; with a post-quantum share it takes two datagrams. What is too much comes again.
  void receive(const IncomingDatagram& datagram) override {
    if (datagrams_.size() < kDatagramsMax) datagrams_.push_back(CarriedDatagram::of(datagram));
  }

  const std::vector<CarriedDatagram>& datagrams() const { return datagrams_; }  // the first is an Initial
  const std::optional<ConnectionId>& beforeRetry() const { return beforeRetry_; }
  kj::TimePoint begun() const { return begun_; }
  std::unique_ptr<Admission::Place> takePlace() { return std::move(place_); }

 private:
  static constexpr std::size_t kDatagramsMax = 4;

  RoutingTable& routes_;
  const ConnectionId destination_;
  const std::optional<ConnectionId> beforeRetry_;
  std::unique_ptr<Admission::Place> place_;
  const kj::TimePoint begun_;
  std::vector<CarriedDatagram> datagrams_;
};

}  // namespace qpq::quic
