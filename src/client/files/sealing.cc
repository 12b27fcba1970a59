#include "client/files/sealing.h"

#include <algorithm>

#include "base/try.h"
#include "mls/framing/padding.h"

namespace qpq::client::files {

namespace {

wire::FileSealer sealerOf(const SourceFile& source, Secret<32> key) {
  uint64_t size = source.size();
  return {std::move(key), size, mls::paddedSize(mls::Padding::padme, size)};
}

Result<Bytes> sealChunk(const SourceFile& source, const wire::FileSealer& sealer, uint64_t chunk) {
  auto part = sealer.part(chunk);
  return sealer.seal(chunk, TRY(source.read(part.offset, part.size)));
}

ByteView tagOf(ByteView sealedChunk) { return sealedChunk.last(crypto::kAeadTagSize); }

}  // namespace

FirstSealing::FirstSealing(SourceFile source, Secret<32> key)
    : source_(std::move(source)), sealer_(sealerOf(source_, std::move(key))) {}

Result<bool> FirstSealing::step(uint64_t chunksMax) {
  uint64_t end = std::min(next_ + chunksMax, sealer_.chunks());
  for (; next_ < end; ++next_) {
    Bytes sealed = TRY(sealChunk(source_, sealer_, next_));
    hasher_.update(sealed);
    ByteView tag = tagOf(sealed);
    tags_.insert(tags_.end(), tag.begin(), tag.end());
  }
  if (next_ < sealer_.chunks()) return false;
  TRY(source_.checkUnchanged());
  return true;
}

SealedAs FirstSealing::finish() && {
  SealedAs sealed{.hash = {}, .length = sealer_.length(), .tags = std::move(tags_)};
  std::ranges::copy(std::move(hasher_).finish(), sealed.hash.begin());
  return sealed;
}

SecondSealing::SecondSealing(SourceFile source, Secret<32> key, Bytes tags)
    : source_(std::move(source)), sealer_(sealerOf(source_, std::move(key))), tags_(std::move(tags)) {}

Result<Bytes> SecondSealing::next() {
  if (offset_ >= sealer_.length()) return Bytes();
  TRY(source_.checkUnchanged());
  uint64_t chunk = offset_ / wire::kSealedChunkSize;
  Bytes sealed = TRY(sealChunk(source_, sealer_, chunk));
  ByteView first = ByteView(tags_).subspan(chunk * crypto::kAeadTagSize, crypto::kAeadTagSize);
  // The disk's word on when a file was changed is not worth a key: whoever writes can set it back.
  if (!equal(tagOf(sealed), first)) return std::unexpected(fileChanged(source_.path()));
  std::size_t begin = static_cast<std::size_t>(offset_ % wire::kSealedChunkSize);
  offset_ += sealed.size() - begin;
  if (begin == 0) return sealed;
  return toBytes(ByteView(sealed).subspan(begin));
}

}  // namespace qpq::client::files
