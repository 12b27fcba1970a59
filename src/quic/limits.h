#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace qpq::quic {

// What one peer, one address or the whole world may cost us. The defaults are the product's; they are data because an
// operator may lower them and a test wants to reach them.
struct Limits {
  // One connection.
  //
  // Streams a client may hold open at once: the control stream and a few bulk transfers. Each costs a record and, at
  // worst, a window of memory. Servers open none.
  uint64_t streamsMax = 16;
  // What may lie unread per stream and per connection. Extended only when the application has consumed, so these are
  // the bytes a stalled reader costs. The windows grow to the second pair while the reader keeps up.
  uint64_t streamWindow = 256 * 1024;
  uint64_t connectionWindow = 512 * 1024;
  uint64_t streamWindowMax = 1024 * 1024;
  uint64_t connectionWindowMax = 2 * 1024 * 1024;
  // Written but unacknowledged bytes kept per stream. A writer waits above it. Small enough that an interactive message
  // does not queue long behind bulk, large enough for 2.5 MB/s at 100 ms.
  std::size_t sendRetainedMax = 256 * 1024;
  // The same for all other streams of a connection: each may have the first, all together the second, where the path
  // carries so much without queues (send_window.h). What bulk has handed over stands before the next interactive
  // message in no queue of ours, but in those of the network.
  std::size_t bulkWindowMin = 64 * 1024;
  std::size_t bulkWindowMax = 1024 * 1024;
  // A peer that has not finished the handshake by then is gone or hostile. ngtcp2 has no default.
  uint64_t handshakeTimeoutMs = 10 * kSecondMs;
  // A connection without a packet for so long is dead; more than two keep-alives may be lost.
  uint64_t idleTimeoutMs = kMinuteMs;
  // Sent by clients only: below the 30 s after which common NATs forget a UDP flow, and below half the idle timeout.
  uint64_t keepAliveMs = 25 * kSecondMs;
  // Connection ids the peer may hold at once; each is a routing entry.
  uint64_t connectionIdsMax = 4;
  // Frames that are legal but useless (RETIRE_CONNECTION_ID and RESET_STREAM storms, empty STREAM frames…), allowed at
  // once and per second. Above, ngtcp2 ends the connection.
  uint64_t glitchBurst = 1000;
  uint64_t glitchesPerSecond = 33;
  // Changes of a peer's address followed at once, and per minute after that. Each costs a path validation; a phone
  // between cells makes a few a minute.
  uint32_t addressChangeBurst = 8;
  uint32_t addressChangesPerMinute = 6;

  // One address: an IPv4 address or an IPv6 /64, the smallest block a household gets.
  //
  // A company behind one NAT fits; an attacker needs many addresses to fill connectionsMax.
  std::size_t connectionsPerAddressMax = 256;
  // Handshakes in progress from one address before it must prove by Retry that it is not forged.
  std::size_t halfOpenPerAddressMax = 16;
  // Handshakes begun from one address at once, and per minute in the long run: each costs half a millisecond. Above, an
  // address must prove itself; a proven one is ignored. An office of 500 may come back together after a restart.
  uint32_t handshakeBurstPerAddress = 500;
  uint32_t handshakesPerAddressPerMinute = 1200;

  // The whole endpoint.
  //
  // About 66 KiB each: 6.6 GB.
  std::size_t connectionsMax = 100'000;
  // From here on every new client makes a round trip (Retry) before it costs memory: a flood with forged addresses
  // gets no further.
  std::size_t halfOpenBeforeRetry = 256;
  // Handshakes in progress at all; above, Initials are dropped and clients try again.
  std::size_t halfOpenMax = 4096;
  // Stateless answers (version negotiation, Retry, stateless reset, refusal) at once and per second: an endpoint must
  // not become a reflector, nor answer another's stateless resets for ever (RFC 9000 §10.3.3).
  uint32_t statelessBurst = 1000;
  uint32_t statelessPerSecond = 1000;
  // Closed connections remembered, each for three probe timeouts, to repeat CONNECTION_CLOSE.
  std::size_t tombstonesMax = 4096;
};

// RFC 9000 §5.1. Long enough to be unguessable; the first byte names the loop (connection_id.h).
inline constexpr std::size_t kConnectionIdSize = 16;

// How long a Retry token is good for: one round trip on the slowest path that still completes a handshake.
inline constexpr uint64_t kRetryTokenLifetimeMs = 10 * kSecondMs;

// RFC 9000 §8.1: what may be sent to an address that has not proved itself, as a multiple of what it sent.
inline constexpr std::size_t kAmplificationMax = 3;

// RFC 9000 §14.1: a UDP payload that carries an Initial is at least this large.
inline constexpr std::size_t kInitialDatagramMin = 1200;

// The largest UDP payload we try: Ethernet less IPv6 and UDP headers. Path MTU discovery finds what is true.
inline constexpr std::size_t kUdpPayloadMax = 1452;

}  // namespace qpq::quic
