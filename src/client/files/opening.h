#pragma once

#include <cstdint>
#include <string>

#include "client/files/target_file.h"
#include "client/view.h"
#include "crypto/hash.h"
#include "wire/inside/file.h"
#include "wire/inside/sealed_file.h"

namespace qpq::client::files {

// A sealed file on its way into its place. Nothing of a chunk is written before it has opened, and the file gets its
// name only if all of it is what its message says.
class Opening {
 public:
  Opening(TargetFile target, wire::File file);

  uint64_t received() const { return received_; }  // in whole sealed chunks
  uint64_t length() const { return length_; }
  // The next chunk. fileDamaged, diskFull.
  Result<void> take(ByteView sealedChunk);
  // When all of it has come. fileDamaged, fileExists, diskFull.
  Result<SavedFile> finish();

 private:
  TargetFile target_;
  wire::Hash hash_;
  uint64_t size_;
  uint64_t length_;
  wire::FileOpener opener_;
  crypto::Hasher hasher_{crypto::HashId::sha256};
  uint64_t received_ = 0;
};

Error fileDamaged();

}  // namespace qpq::client::files
