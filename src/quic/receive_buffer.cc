#include "quic/receive_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace qpq::quic {
namespace {

constexpr std::size_t kChunk = 8 * 1024;

}  // namespace

void ReceiveBuffer::append(ByteView bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (chunks_.empty() || chunks_.back().end == chunks_.back().capacity) {
      chunks_.push_back({std::make_unique_for_overwrite<uint8_t[]>(kChunk), kChunk, 0, 0});
    }
    Chunk& chunk = chunks_.back();
    std::size_t size = std::min(bytes.size(), chunk.capacity - chunk.end);
    std::memcpy(chunk.memory.get() + chunk.end, bytes.data(), size);
    chunk.end += size;
    bytes = bytes.subspan(size);
  }
}

std::size_t ReceiveBuffer::take(ByteSpan out) {
  std::size_t taken = 0;
  while (taken < out.size() && !chunks_.empty()) {
    Chunk& chunk = chunks_.front();
    std::size_t size = std::min(out.size() - taken, chunk.end - chunk.begin);
    std::memcpy(out.data() + taken, chunk.memory.get() + chunk.begin, size);
    chunk.begin += size;
    taken += size;
    if (chunk.begin == chunk.end) chunks_.pop_front();
  }
  size_ -= taken;
  return taken;
}

std::size_t ReceiveBuffer::clear() {
  chunks_.clear();
  return std::exchange(size_, 0);
}

}  // namespace qpq::quic
