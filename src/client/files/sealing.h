#pragma once

#include <cstdint>
#include <string>

#include "client/files/source_file.h"
#include "crypto/hash.h"
#include "wire/inside/sealed_file.h"

// A file sealed twice: once to know its hash, which is its name at the server, and once on its way there, from wherever
// an upload that was cut off goes on. Neither the file nor its sealed form is ever in memory, nor on the disk a second
// time.
namespace qpq::client::files {

// What the first sealing gives.
struct SealedAs {
  crypto::Hash32 hash{};
  uint64_t length = 0;
  Bytes tags;  // of all chunks, in order: what a chunk must come out as when it is sealed again
};

// The first sealing, in steps, so that none takes long.
class FirstSealing {
 public:
  FirstSealing(SourceFile source, Secret<32> key);

  uint64_t bytes() const { return sealer_.length(); }
  uint64_t bytesDone() const { return next_ * wire::kSealedChunkSize; }
  // Seals the next chunks, at most so many. Whether those were the last. fileChanged, fileUnusable.
  Result<bool> step(uint64_t chunksMax);
  // Once they were.
  SealedAs finish() &&;

 private:
  SourceFile source_;
  wire::FileSealer sealer_;
  crypto::Hasher hasher_{crypto::HashId::sha256};
  Bytes tags_;
  uint64_t next_ = 0;
};

// The second, from any offset. What it gives is what the first one gave, or nothing: two different things sealed under
// one nonce would give both away.
class SecondSealing {
 public:
  SecondSealing(SourceFile source, Secret<32> key, Bytes tags);

  void goOnAt(uint64_t offset) { offset_ = offset; }
  // The next bytes, to the end of a chunk; none at the end. fileChanged, fileUnusable.
  Result<Bytes> next();

 private:
  SourceFile source_;
  wire::FileSealer sealer_;
  Bytes tags_;
  uint64_t offset_ = 0;
};

}  // namespace qpq::client::files
