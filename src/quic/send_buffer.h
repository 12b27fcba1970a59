#pragma once

#include <ngtcp2/ngtcp2.h>

#include <list>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace qpq::quic {

// What a stream has been given to send and the peer has not acknowledged, at addresses that do not move: ngtcp2 keeps
// pointers and no copies.
class SendBuffer {
 public:
  void append(ByteView bytes);
  // What has not been sent, as pieces; returns how many of `pieces` it took. All of it fits if `total` says so.
  std::size_t gather(std::span<ngtcp2_vec> pieces, std::size_t& total) const;
  void markSent(std::size_t size) { sent_ += size; }
  void acknowledge(uint64_t upTo);  // an offset; what lies before it is forgotten

  std::size_t unsent() const { return static_cast<std::size_t>(end_ - sent_); }
  std::size_t retained() const { return static_cast<std::size_t>(end_ - acknowledged_); }

 private:
  struct Chunk {
    std::unique_ptr<uint8_t[]> memory;
    std::size_t capacity;
    std::size_t size;
    uint64_t offset;  // of its first byte in the stream
  };

  std::list<Chunk> chunks_;    // empty, it occupies nothing: most streams are silent most of the time
  uint64_t acknowledged_ = 0;  // acknowledged_ <= sent_ <= end_
  uint64_t sent_ = 0;
  uint64_t end_ = 0;
};

}  // namespace qpq::quic
