#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/timer.h>

#include <expected>
#include <optional>
#include <string>

#include "base/random.h"
#include "quic/admission.h"
#include "quic/connection.h"
#include "quic/limits.h"
#include "quic/peer_verifier.h"
#include "quic/surroundings.h"
#include "quic/tls_profile.h"
#include "quic/udp_socket.h"

namespace qpq::quic {

struct ConnectOptions {
  SocketAddress remote;
  std::string serverName;  // sent in clear (SNI); what a voucher's certificate must name
  PeerVerifier verifier;
};

struct ConnectError {
  CloseReason reason;
  std::optional<KeyHash> presentedKey;  // of the server that was refused: what a warning about a change shows

  bool operator==(const ConnectError&) const = default;
};

// One UDP socket and all connections on it, on one KJ loop. Everything it takes from outside comes through the
// constructor: with a VirtualTime, a VirtualNetwork and a seed it is a simulation.
//
// What it sends leaves where the loop has nothing else left to do. So kj::WaitScope::setBusyPollInterval(), without
// which a loop that is never idle does not look at its sockets, is to be far more events than a turn has.
class Endpoint {
 public:
  // A datagram for a connection of another of the program's loops (LoopPlace), to be given to its endpoint's
  // takeOver(). The bytes are borrowed until it returns.
  using HandOver = kj::Function<void(uint8_t loop, const IncomingDatagram&)>;
  struct Options {
    Limits limits{};
    LoopPlace place{};
    kj::Maybe<HandOver> handOver{};            // without: whatever arrives is taken for ours
    std::optional<EndpointSecrets> secrets{};  // drawn at random if not given
    TlsProfile profile{};
    // Asked before a client may cost anything; without: there is room. Null: it is refused.
    kj::Maybe<kj::Function<Admission::Room()>> makeRoom{};
    // Told of each client let in: how long since its first datagram.
    kj::Maybe<kj::Function<void(kj::Duration)>> handshaken{};
  };
  struct Counters {
    uint64_t datagramsIn = 0;
    uint64_t datagramsForNobody = 0;
    uint64_t handedOver = 0;
    uint64_t retries = 0;
    uint64_t refusals = 0;
    uint64_t resets = 0;
    uint64_t versionNegotiations = 0;
    uint64_t withheld = 0;  // stateless answers over the rate
    std::size_t connections = 0;
    std::size_t halfOpen = 0;
    std::size_t tombstones = 0;
    std::size_t routes = 0;

    Counters& operator+=(const Counters& other);  // several loops' together
  };
  using Accepted = kj::Function<void(kj::Own<Connection>)>;
  using Connected = std::expected<kj::Own<Connection>, ConnectError>;

  // `timer` and `random` must outlive the endpoint. Connections may outlive it; they end with it.
  Endpoint(kj::Timer& timer, Random& random, kj::Own<UdpSocket> socket, Options options);
  Endpoint(kj::Timer& timer, Random& random, kj::Own<UdpSocket> socket);
  ~Endpoint() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(Endpoint);

  // From now on clients are let in; `accepted` gets each connection whose handshake is done. Again: clients that come
  // from now on meet the new identity and go to the new `accepted`; whoever has begun a handshake ends it with the old.
  void listen(const TlsIdentity& identity, Accepted accepted);
  kj::Promise<Connected> connect(ConnectOptions options);

  // Closes every connection with `code` and lets nobody in any more. Resolves when the network has taken the news.
  kj::Promise<void> close(uint64_t code);

  // A datagram that arrived at another loop's socket and is for one of ours.
  void takeOver(const IncomingDatagram& datagram);

  // A client whose network has changed may go on from another socket; its connections survive as they survive a NAT
  // that forgot them.
  void replaceSocket(kj::Own<UdpSocket> socket);

  SocketAddress localAddress() const;
  Counters counters() const;

 private:
  class Loop;
  kj::Own<Loop> loop_;
};

}  // namespace qpq::quic
