#pragma once

#include <ngtcp2/ngtcp2.h>

#include <array>
#include <compare>
#include <cstring>

#include "base/random.h"
#include "quic/limits.h"

namespace qpq::quic {

// Which of a program's loops an endpoint is. The loops share a port; the kernel (a classic-BPF filter on SO_REUSEPORT)
// gives a datagram to loop `connection id[0] % count`, so a connection lives and dies on one loop.
struct LoopPlace {
  uint8_t index = 0;
  uint8_t count = 1;
};

// RFC 9000 §5.1. At most 20 bytes; ours have kConnectionIdSize.
class ConnectionId {
 public:
  ConnectionId() = default;
  ConnectionId(const uint8_t* data, std::size_t size): size_(static_cast<uint8_t>(size)) {
    std::memcpy(bytes_.data(), data, size);
  }
  explicit ConnectionId(const ngtcp2_cid& cid): ConnectionId(cid.data, cid.datalen) {}

  // Unguessable but for the first byte, which names the loop.
  static ConnectionId random(Random& random, LoopPlace place) {
    auto bytes = random.bytes<kConnectionIdSize>();
    unsigned step = bytes[0] % (256u / place.count);  // each loop's share of the first byte is equally likely
    bytes[0] = static_cast<uint8_t>(step * place.count + place.index);
    return {bytes.data(), bytes.size()};
  }

  auto operator<=>(const ConnectionId&) const = default;
  ByteView view() const { return {bytes_.data(), size_}; }
  ngtcp2_cid raw() const {
    ngtcp2_cid cid;
    ngtcp2_cid_init(&cid, bytes_.data(), size_);
    return cid;
  }

 private:
  uint8_t size_ = 0;
  std::array<uint8_t, NGTCP2_MAX_CIDLEN> bytes_{};
};

}  // namespace qpq::quic
