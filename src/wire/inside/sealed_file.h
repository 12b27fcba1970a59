#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "wire/error.h"

// A file as it lies at the server (docs/protocol/wire.md "Files"): AES-256-GCM in chunks, the nonce their number and
// whether it is the last one. So a chunk that was changed, moved, left out or put in does not open, and neither does a
// file that was cut short. The key is used for one file only: that is what makes counted nonces safe.
namespace qpq::wire {

inline constexpr std::size_t kSealedChunkSize = 64 * 1024;  // at the server; the last one may be shorter
inline constexpr std::size_t kFileChunkSize = kSealedChunkSize - crypto::kAeadTagSize;

// The length at the server of a file that is filled up to this size, and back: nothing for a length no sealed file has.
// An empty file is filled up, too.
uint64_t sealedFileLength(uint64_t paddedSize);
std::optional<uint64_t> paddedFileSize(uint64_t sealedLength);

// Seals the chunks of one file, in any order. The same bytes give the same chunk: whoever seals one chunk again from
// other bytes gives both away, and must not let it leave.
class FileSealer {
 public:
  // size ≤ paddedSize
  FileSealer(Secret<32> key, uint64_t size, uint64_t paddedSize);

  uint64_t length() const { return length_; }
  uint64_t chunks() const { return (length_ + kSealedChunkSize - 1) / kSealedChunkSize; }
  // Which bytes of the file stand in this chunk; none in one that is all padding.
  struct Part {
    uint64_t offset = 0;
    std::size_t size = 0;
  };
  Part part(uint64_t chunk) const;
  // `bytes`: exactly those.
  Bytes seal(uint64_t chunk, ByteView bytes) const;

 private:
  Secret<32> key_;
  uint64_t size_;
  uint64_t paddedSize_;
  uint64_t length_;
};

// Opens the chunks of one file from the first to the last.
class FileOpener {
 public:
  // size and length as parseFile() lets them through
  FileOpener(Secret<32> key, uint64_t size, uint64_t length);

  // The length of the next sealed chunk; 0 when all have been opened.
  std::size_t nextLength() const;
  // The bytes of the file in it, without padding. cannotOpen: it is not what was sealed as this chunk; filePadding.
  Result<SecretBytes> open(ByteView sealedChunk);

 private:
  Secret<32> key_;
  uint64_t sizeLeft_;
  uint64_t lengthLeft_;
  uint64_t chunk_ = 0;
};

}  // namespace qpq::wire
