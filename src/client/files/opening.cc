#include "client/files/opening.h"

#include "base/try.h"

namespace qpq::client::files {

Error fileDamaged() {
  return {ErrorCode::fileDamaged, "What the server keeps of this file is not what was sent: nothing was saved.",
          "Ask for it to be sent again, and tell the server's operator."};
}

Opening::Opening(TargetFile target, wire::File file)
    : target_(std::move(target)),
      hash_(file.hash),
      size_(file.size),
      length_(file.length),
      opener_(std::move(file.key), file.size, file.length) {}

Result<void> Opening::take(ByteView sealedChunk) {
  auto opened = opener_.open(sealedChunk);
  if (!opened) return std::unexpected(fileDamaged());
  hasher_.update(sealedChunk);
  TRY(target_.write(opened->expose()));
  received_ += sealedChunk.size();
  return {};
}

Result<SavedFile> Opening::finish() {
  // Each chunk has opened: that is what its sender sealed. That it is also what he named to everybody the hash says.
  if (received_ != length_ || !equal(std::move(hasher_).finish(), hash_)) return std::unexpected(fileDamaged());
  return SavedFile{TRY(target_.keep()), size_};
}

}  // namespace qpq::client::files
