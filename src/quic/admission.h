#pragma once

#include <map>
#include <memory>

#include "quic/address_rates.h"
#include "quic/limits.h"

namespace qpq::quic {

// Decides which clients may cost a server memory and work, by counting.
class Admission {
 public:
  Admission(const Limits& limits, Random& random);

  enum class Proven : uint8_t { no, yes };  // by a Retry token: the client receives at its address
  enum class Verdict : uint8_t {
    accept,
    retry,   // prove the address first
    refuse,  // this address has its share: say so
    ignore,  // no answer: the endpoint is full, or the address may be forged
  };
  Verdict judge(const SocketAddress& client, Proven proven, kj::TimePoint now);

  // What the program has set aside for a client. Kept until its handshake is over: from then on what it costs shows.
  using Room = std::shared_ptr<void>;

  // One admitted client, from its first Initial to the end of its connection. Counts while it lives.
  class Place {
   public:
    Place(Admission& admission, const SocketAddress& client, Room room = nullptr);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void handshakeDone();

   private:
    Admission& admission_;
    SocketAddress block_;
    Room room_;
    bool halfOpen_ = true;
  };

  std::size_t connections() const { return connections_; }
  std::size_t halfOpen() const { return halfOpen_; }
  std::size_t addresses() const { return counts_.size(); }

 private:
  struct Counts {
    std::size_t connections = 0;
    std::size_t halfOpen = 0;
  };

  const Limits& limits_;
  // Apart, so that forged Initials cannot use up what the address's true owner may do.
  AddressRates unprovenRates_;
  AddressRates provenRates_;
  std::map<SocketAddress, Counts> counts_;  // holds only addresses that have a place: bounded by connectionsMax
  std::size_t connections_ = 0;
  std::size_t halfOpen_ = 0;
};

}  // namespace qpq::quic
