#include "wire/inside/sealed_file.h"

#include <algorithm>
#include <utility>

namespace qpq::wire {

namespace {

using crypto::AeadId;

enum class Place { within, last };

// struct { uint8 zero[3]; uint64 chunk; uint8 isLast; }
Bytes nonceOf(uint64_t chunk, Place place) {
  Writer out;
  out.bytes(ByteArray<3>{});
  out.u64(chunk);
  out.u8(place == Place::last ? 1 : 0);
  return std::move(out).take();
}

}  // namespace

uint64_t sealedFileLength(uint64_t paddedSize) {
  uint64_t chunks = (paddedSize + kFileChunkSize - 1) / kFileChunkSize;
  return paddedSize + chunks * crypto::kAeadTagSize;
}

std::optional<uint64_t> paddedFileSize(uint64_t sealedLength) {
  uint64_t whole = sealedLength / kSealedChunkSize;
  uint64_t rest = sealedLength % kSealedChunkSize;
  if (sealedLength == 0 || (rest != 0 && rest <= crypto::kAeadTagSize)) return std::nullopt;
  return whole * kFileChunkSize + (rest == 0 ? 0 : rest - crypto::kAeadTagSize);
}

FileSealer::FileSealer(Secret<32> key, uint64_t size, uint64_t paddedSize)
    : key_(std::move(key)), size_(size), paddedSize_(paddedSize), length_(sealedFileLength(paddedSize)) {}

FileSealer::Part FileSealer::part(uint64_t chunk) const {
  uint64_t begin = std::min(size_, chunk * kFileChunkSize);
  return {begin, static_cast<std::size_t>(std::min<uint64_t>(size_ - begin, kFileChunkSize))};
}

Bytes FileSealer::seal(uint64_t chunk, ByteView bytes) const {
  bool isLast = chunk + 1 == chunks();
  Bytes padded = toBytes(bytes);
  padded.resize(static_cast<std::size_t>(std::min<uint64_t>(paddedSize_ - chunk * kFileChunkSize, kFileChunkSize)));
  // Nothing of fixed sizes far below the bounds is refused.
  return *crypto::aeadSeal(AeadId::aes256Gcm, key_.expose(), nonceOf(chunk, isLast ? Place::last : Place::within), {},
                           padded);
}

FileOpener::FileOpener(Secret<32> key, uint64_t size, uint64_t length)
    : key_(std::move(key)), sizeLeft_(size), lengthLeft_(length) {}

std::size_t FileOpener::nextLength() const {
  return static_cast<std::size_t>(std::min<uint64_t>(lengthLeft_, kSealedChunkSize));
}

Result<SecretBytes> FileOpener::open(ByteView sealedChunk) {
  if (sealedChunk.empty() || sealedChunk.size() != nextLength()) return fail(ErrorCode::cannotOpen);
  Place place = sealedChunk.size() == lengthLeft_ ? Place::last : Place::within;
  auto opened = crypto::aeadOpen(AeadId::aes256Gcm, key_.expose(), nonceOf(chunk_, place), {}, sealedChunk);
  if (!opened) return fail(ErrorCode::cannotOpen);
  auto size = static_cast<std::size_t>(std::min<uint64_t>(sizeLeft_, opened->size()));
  ByteView padding = opened->expose().subspan(size);
  if (!std::ranges::all_of(padding, [](uint8_t byte) { return byte == 0; })) return fail(ErrorCode::filePadding);
  lengthLeft_ -= sealedChunk.size();
  sizeLeft_ -= size;
  ++chunk_;
  if (padding.empty()) return *std::move(opened);
  return SecretBytes(opened->expose().first(size));
}

}  // namespace qpq::wire
