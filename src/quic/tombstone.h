#pragma once

#include <bit>
#include <memory>

#include "quic/association.h"

namespace qpq::quic {

// What is left of a closed connection for three probe timeouts (RFC 9000 §10.2): enough to recognise late packets and
// to tell a peer that has not heard. The connection's memory is free again.
class Tombstone final: public Recipient {
 public:
  Tombstone(Surroundings& surroundings, Egress& egress, Association::Remains remains)
      : surroundings_(surroundings), egress_(egress), remains_(std::move(remains)) {
    for (const auto& id : remains_.ids) surroundings_.routes.add(id, *this);
  }
  ~Tombstone() {
    for (const auto& id : remains_.ids) surroundings_.routes.remove(id, *this);
  }
  Tombstone(const Tombstone&) = delete;
  Tombstone& operator=(const Tombstone&) = delete;

  // Answers the first, second, fourth, eighth … packet: a flood costs ever less.
  void receive(const IncomingDatagram& datagram) override {
    ++received_;
    bool small = remains_.closePacket.size() <= kAmplificationMax * datagram.payload.size();
    if (!std::has_single_bit(received_) || remains_.closePacket.empty() || !small) return;
    if (datagram.remote == remains_.remote) egress_.copy(datagram.local, datagram.remote, remains_.closePacket);
  }

 private:
  Surroundings& surroundings_;
  Egress& egress_;
  Association::Remains remains_;
  uint64_t received_ = 0;
};

}  // namespace qpq::quic
