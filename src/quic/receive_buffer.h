#pragma once

#include <list>
#include <memory>

#include "base/bytes.h"

namespace qpq::quic {

// Bytes of a stream that arrived in order and nobody has read. Flow control bounds them; they are joined, so that a
// peer sending single bytes costs no more than one sending packets.
class ReceiveBuffer {
 public:
  void append(ByteView bytes);
  std::size_t take(ByteSpan out);  // how much it wrote to `out`
  std::size_t size() const { return size_; }
  std::size_t clear();  // how much it threw away

 private:
  struct Chunk {
    std::unique_ptr<uint8_t[]> memory;
    std::size_t capacity;
    std::size_t begin;
    std::size_t end;
  };

  std::list<Chunk> chunks_;  // empty, it occupies nothing
  std::size_t size_ = 0;
};

}  // namespace qpq::quic
