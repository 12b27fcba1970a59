#include "base/codec.h"

#include <cassert>

namespace qpq {

namespace {

// RFC 9420 §2.1.2: the top two bits of the first byte give the size of the header.
constexpr std::size_t kOneByteMax = 63;
constexpr std::size_t kTwoByteMax = 16'383;

}  // namespace

template <class Buffer>
void BasicWriter<Buffer>::length(std::size_t size) {
  assert(size <= kVectorLengthMax);
  if (size <= kOneByteMax) {
    u8(static_cast<uint8_t>(size));
  } else if (size <= kTwoByteMax) {
    u16(static_cast<uint16_t>(0x4000 | size));
  } else {
    u32(static_cast<uint32_t>(0x8000'0000 | size));
  }
}

// The vector is moved up to make room for its header. A buffer of its own would cost an allocation and the same move.
template <class Buffer>
void BasicWriter<Buffer>::putLengthBefore(std::size_t start) {
  const std::size_t size = buffer_.size() - start;
  auto place = buffer_.begin() + static_cast<std::ptrdiff_t>(start);
  if (size <= kOneByteMax) {
    buffer_.insert(place, static_cast<uint8_t>(size));
    return;
  }
  BasicWriter<Bytes> header;
  header.length(size);
  buffer_.insert(place, header.view().begin(), header.view().end());
}

template class BasicWriter<Bytes>;
template class BasicWriter<WipedBuffer>;

Decoded<ByteView> Reader::bytes(std::size_t size) {
  if (size > rest_.size()) return fail(DecodeError::Code::truncated);
  ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  offset_ += size;
  return taken;
}

Decoded<std::size_t> Reader::length() {
  Reader before = *this;
  uint8_t first = TRY(u8());
  std::size_t size = first & 0x3f;
  std::size_t minimum = 0;
  switch (first >> 6) {
    case 0: break;
    case 1:
      size = size << 8 | TRY(u8());
      minimum = kOneByteMax + 1;
      break;
    case 2: {
      ByteView more = TRY(bytes(3));
      size = size << 24 | std::size_t{more[0]} << 16 | std::size_t{more[1]} << 8 | more[2];
      minimum = kTwoByteMax + 1;
      break;
    }
    default: return before.fail(DecodeError::Code::nonMinimalLength);
  }
  if (size < minimum) return before.fail(DecodeError::Code::nonMinimalLength);
  return size;
}

Decoded<ByteView> Reader::opaque() { return bytes(TRY(length())); }

Decoded<Reader> Reader::vector() {
  std::size_t size = TRY(length());
  std::size_t start = offset_;
  return Reader(TRY(bytes(size)), start);
}

Decoded<void> Reader::finish() const {
  if (!atEnd()) return fail(DecodeError::Code::trailingBytes);
  return {};
}

}  // namespace qpq
