#include "sql/log_damage.h"

#include <cstdint>
#include <format>
#include <fstream>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace qpq::sql {

namespace {

// The log as sqlite.org/fileformat2.html §4 has it: a header, then frames of a header and a page each. A frame's
// checksum goes on from that of the one before it, so two neighbours can be held against each other wherever they
// stand.
constexpr std::size_t kLogHeaderSize = 32;
constexpr std::size_t kFrameHeaderSize = 24;
constexpr uint32_t kMagicLittle = 0x377f0682, kMagicBig = 0x377f0683;
constexpr uint32_t kPageSizeMin = 512, kPageSizeMax = 65'536;
constexpr uint32_t kPageSizeOurs = 4'096;  // SQLCipher's: for a header that cannot be believed

uint32_t bigEndian(ByteView bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}
uint32_t littleEndian(ByteView bytes) {
  return uint32_t{bytes[3]} << 24 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[1]} << 8 | uint32_t{bytes[0]};
}

struct Checksum {
  uint32_t first = 0, second = 0;

  static Checksum stored(ByteView bytes) { return {bigEndian(bytes), bigEndian(bytes.subspan(4))}; }
  void add(ByteView bytes, bool isBig) {
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
      first += (isBig ? bigEndian(bytes) : littleEndian(bytes)) + second;
      ByteView rest = bytes.subspan(4);
      second += (isBig ? bigEndian(rest) : littleEndian(rest)) + first;
    }
  }
  bool operator==(const Checksum&) const = default;
};

struct Header {
  bool isSound = false;
  bool isBig = false;
  uint32_t pageSize = kPageSizeOurs;
  Bytes salts;
  Checksum sum;
};

Header headerOf(ByteView bytes) {
  Header header;
  header.isBig = bigEndian(bytes) == kMagicBig;
  header.salts = toBytes(bytes.subspan(16, 8));
  header.sum = Checksum::stored(bytes.subspan(24));
  Checksum sum;
  sum.add(bytes.first(24), header.isBig);
  uint32_t pageSize = bigEndian(bytes.subspan(8));
  header.isSound = (header.isBig || bigEndian(bytes) == kMagicLittle) && sum == header.sum;
  if (header.isSound && pageSize >= kPageSizeMin && pageSize <= kPageSizeMax) header.pageSize = pageSize;
  return header;
}

// Walks from frame to frame. A commit is synced before the next transaction writes anything: so a frame that follows a
// commit proves that everything up to that commit was whole once.
class Walk {
 public:
  explicit Walk(Header header): header_(std::move(header)), sum_(header_.sum) {
    if (!header_.isSound) firstBad_ = 0;
  }

  // Whether this frame proves that what came before it has been damaged since.
  bool proves(ByteView frame) {
    ByteView salts = frame.subspan(8, 8), page = frame.subspan(kFrameHeaderSize);
    Checksum sum = sum_;
    sum.add(frame.first(8), header_.isBig);
    sum.add(page, header_.isBig);
    sum_ = Checksum::stored(frame.subspan(16));
    bool follows = sum == sum_ && equal(salts, header_.salts);
    if (!header_.isSound) header_.salts = toBytes(salts);
    ++frames_;
    if (!follows && !firstBad_) firstBad_ = frames_;
    bool proof = firstBad_ && follows && behindCommit_;
    behindCommit_ = firstBad_ && bigEndian(frame.subspan(4)) != 0;
    return proof;
  }
  // 0 is the header.
  uint64_t firstBad() const { return *firstBad_; }

 private:
  Header header_;
  Checksum sum_;
  uint64_t frames_ = 0;
  std::optional<uint64_t> firstBad_;
  bool behindCommit_ = false;
};

bool readWhole(std::ifstream& file, ByteSpan out) {
  file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  return static_cast<std::size_t>(file.gcount()) == out.size();
}

}  // namespace

Result<void> checkLog(const std::string& path) {
  std::string name = path + "-wal";
  std::ifstream file(name, std::ios::binary);
  Bytes bytes(kLogHeaderSize);
  if (!readWhole(file, bytes)) return {};
  Header header = headerOf(bytes);
  Bytes frame(kFrameHeaderSize + header.pageSize);
  Walk walk(std::move(header));
  while (readWhole(file, frame)) {
    if (!walk.proves(frame)) continue;
    return refuse(Error::Code::corrupt,
                  std::format("{} of the log {} is damaged, and more was committed behind it",
                              walk.firstBad() == 0 ? "the header" : std::format("frame {}", walk.firstBad()), name));
  }
  return {};
}

}  // namespace qpq::sql
