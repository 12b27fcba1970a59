#include "quic/send_buffer.h"

#include <algorithm>
#include <cstring>

namespace qpq::quic {
namespace {

// A chat line shares a small chunk with its neighbours; bulk gets few large ones.
constexpr std::size_t kChunkMin = 4 * 1024;
constexpr std::size_t kChunkMax = 64 * 1024;

}  // namespace

void SendBuffer::append(ByteView bytes) {
  while (!bytes.empty()) {
    if (chunks_.empty() || chunks_.back().size == chunks_.back().capacity) {
      std::size_t capacity = std::clamp(bytes.size(), kChunkMin, kChunkMax);
      chunks_.push_back({std::make_unique_for_overwrite<uint8_t[]>(capacity), capacity, 0, end_});
    }
    Chunk& chunk = chunks_.back();
    std::size_t size = std::min(bytes.size(), chunk.capacity - chunk.size);
    std::memcpy(chunk.memory.get() + chunk.size, bytes.data(), size);
    chunk.size += size;
    end_ += size;
    bytes = bytes.subspan(size);
  }
}

std::size_t SendBuffer::gather(std::span<ngtcp2_vec> pieces, std::size_t& total) const {
  std::size_t count = 0;
  total = 0;
  for (const Chunk& chunk : chunks_) {
    if (count == pieces.size()) break;
    if (chunk.offset + chunk.size <= sent_) continue;
    auto skip = static_cast<std::size_t>(sent_ > chunk.offset ? sent_ - chunk.offset : 0);
    pieces[count++] = {.base = chunk.memory.get() + skip, .len = chunk.size - skip};
    total += chunk.size - skip;
  }
  return count;
}

void SendBuffer::acknowledge(uint64_t upTo) {
  acknowledged_ = std::max(acknowledged_, std::min(upTo, sent_));
  while (!chunks_.empty() && chunks_.front().offset + chunks_.front().size <= acknowledged_) {
    chunks_.pop_front();
  }
}

}  // namespace qpq::quic
