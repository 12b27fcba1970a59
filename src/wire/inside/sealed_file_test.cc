#include "wire/inside/sealed_file.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

Secret<32> key(uint8_t first = 0) {
  Secret<32> key;
  for (std::size_t i = 0; i < 32; ++i) key.writable()[i] = static_cast<uint8_t>(first + i);
  return key;
}

Bytes sampleBytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + i / 251);
  return bytes;
}

// All chunks of a file.
std::vector<Bytes> sealAll(ByteView file, uint64_t paddedSize, uint8_t keyFirst = 0) {
  FileSealer sealer(key(keyFirst), file.size(), paddedSize);
  std::vector<Bytes> chunks;
  for (uint64_t i = 0; i < sealer.chunks(); ++i) {
    auto part = sealer.part(i);
    chunks.push_back(sealer.seal(i, file.subspan(part.offset, part.size)));
  }
  return chunks;
}

Bytes joined(const std::vector<Bytes>& chunks) {
  Bytes all;
  for (const Bytes& chunk : chunks) all.insert(all.end(), chunk.begin(), chunk.end());
  return all;
}

uint64_t lengthOf(const std::vector<Bytes>& chunks) { return joined(chunks).size(); }

// The file, or how many chunks opened before one did not.
std::expected<Bytes, std::size_t> openAll(const std::vector<Bytes>& chunks, uint64_t size, uint64_t length) {
  FileOpener opener(key(), size, length);
  Bytes file;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    auto opened = opener.open(chunks[i]);
    if (!opened) return std::unexpected(i);
    file.insert(file.end(), opened->expose().begin(), opened->expose().end());
  }
  if (opener.nextLength() != 0) return std::unexpected(chunks.size());
  return file;
}

constexpr std::size_t kSize = 2 * kFileChunkSize + 60;  // three chunks
constexpr std::size_t kPadded = kSize + 20;

TEST_CASE("a sealed file has its golden bytes") {
  CHECK(toHex(joined(sealAll(asBytes("hello"), 8))) == "7db3d3902bf4301e52c906a2a47bbda2e013969bdf8868f6");
  Bytes sealed = joined(sealAll(sampleBytes(kSize), kPadded));
  CHECK(sealed.size() == 131'168);
  CHECK(toHex(crypto::sha256(sealed)) == "a7d69bc5f039c1fefd0297df9a77b4a30863f94a626b03855d8acdacfe2c6b8e");
}

TEST_CASE("files of every size around a chunk's open again, with any padding") {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, kFileChunkSize - 1, kFileChunkSize, kFileChunkSize + 1,
                           2 * kFileChunkSize, 2 * kFileChunkSize + 1}) {
    for (std::size_t padding : {std::size_t{0}, std::size_t{1}, std::size_t{256}, kFileChunkSize + 5}) {
      if (size + padding == 0) continue;
      Bytes file = sampleBytes(size);
      auto chunks = sealAll(file, size + padding);
      INFO(size << " and " << padding);
      CHECK(lengthOf(chunks) == sealedFileLength(size + padding));
      CHECK(paddedFileSize(lengthOf(chunks)) == size + padding);
      CHECK(openAll(chunks, size, lengthOf(chunks)) == file);
    }
  }
}

TEST_CASE("chunks can be sealed in any order, and come out the same") {
  Bytes file = sampleBytes(kSize);
  auto chunks = sealAll(file, kPadded);
  FileSealer sealer(key(), kSize, kPadded);
  for (uint64_t i = sealer.chunks(); i-- > 0;) {
    auto part = sealer.part(i);
    CHECK(sealer.seal(i, ByteView(file).subspan(part.offset, part.size)) == chunks[i]);
  }
}

TEST_CASE("a changed chunk does not open, wherever it was changed") {
  auto chunks = sealAll(sampleBytes(kSize), kPadded);
  uint64_t length = lengthOf(chunks);
  for (std::size_t at = 0; at < chunks.size(); ++at) {
    for (std::size_t byte : {std::size_t{0}, chunks[at].size() / 2, chunks[at].size() - 1}) {
      auto spoilt = chunks;
      spoilt[at][byte] ^= 1;
      CHECK(openAll(spoilt, kSize, length).error() == at);
    }
  }
}

TEST_CASE("chunks that were moved, left out, repeated or put in do not open") {
  auto chunks = sealAll(sampleBytes(kSize), kPadded);
  uint64_t length = lengthOf(chunks);
  CHECK(openAll({chunks[1], chunks[0], chunks[2]}, kSize, length).error() == 0);
  CHECK(openAll({chunks[0], chunks[0], chunks[2]}, kSize, length).error() == 1);
  CHECK(openAll({chunks[0], chunks[2]}, kSize, length).error() == 1);
  auto others = sealAll(sampleBytes(kSize), kPadded, 1);
  CHECK(openAll({chunks[0], others[1], chunks[2]}, kSize, length).error() == 1);
  auto more = chunks;
  more.push_back(chunks[2]);
  CHECK(openAll(more, kSize, length).error() == 3);
}

TEST_CASE("a file cut short or made longer does not open, whatever length is claimed for it") {
  Bytes file = sampleBytes(3 * kFileChunkSize);
  auto chunks = sealAll(file, file.size());
  uint64_t length = lengthOf(chunks);
  CHECK(openAll({chunks[0], chunks[1]}, file.size(), length).error() == 2);
  // As if it ended behind the second: that one was not sealed as the last.
  CHECK(openAll({chunks[0], chunks[1]}, 2 * kFileChunkSize, length - kSealedChunkSize).error() == 1);
  // As if one more came: the third was not sealed as one before the last.
  CHECK(openAll(chunks, file.size(), length + kSealedChunkSize).error() == 2);
  Bytes shorter = chunks[2];
  shorter.pop_back();
  CHECK(openAll({chunks[0], chunks[1], shorter}, file.size() - 1, length - 1).error() == 2);
}

TEST_CASE("another key opens nothing") {
  auto chunks = sealAll(sampleBytes(kSize), kPadded, 1);
  CHECK(openAll(chunks, kSize, lengthOf(chunks)).error() == 0);
}

TEST_CASE("padding is zeros") {
  // Sealed as eight bytes, said to be five: "\0\0" and something else fill it up.
  FileSealer sealer(key(), 8, 8);
  Bytes chunk = sealer.seal(0, ByteArray<8>{'h', 'e', 'l', 'l', 'o', 0, 0, 1});
  CHECK(refusal(FileOpener(key(), 5, chunk.size()).open(chunk)) == ErrorCode::filePadding);
  CHECK(FileOpener(key(), 8, chunk.size()).open(chunk));
}

TEST_CASE("a chunk that does not open leaves the opener where it was") {
  auto chunks = sealAll(sampleBytes(kSize), kPadded);
  FileOpener opener(key(), kSize, lengthOf(chunks));
  REQUIRE(opener.open(chunks[0]));
  CHECK(refusal(opener.open(chunks[2])) == ErrorCode::cannotOpen);
  CHECK(refusal(opener.open({})) == ErrorCode::cannotOpen);
  CHECK(opener.open(chunks[1]));
  CHECK(opener.nextLength() == chunks[2].size());
}

}  // namespace
}  // namespace qpq::wire
