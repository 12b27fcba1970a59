#include "mls/tree/certificate.h"

#include <cstdint>

namespace qpq::mls {
namespace {

constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kBitString = 0x03;
constexpr uint8_t kSequence = 0x30;
constexpr uint8_t kVersion = 0xa0;  // [0] EXPLICIT

// X.690 DER, as far as a certificate needs it: elements one after the other, each with a length in its shortest form.
class Der {
 public:
  explicit Der(ByteView input): rest_(input) {}

  bool atEnd() const { return rest_.empty(); }
  bool nextIs(uint8_t tag) const { return !rest_.empty() && rest_[0] == tag; }
  // The content of the next element, if it has this tag.
  std::optional<ByteView> take(uint8_t tag) {
    if (!nextIs(tag)) return std::nullopt;
    rest_ = rest_.subspan(1);
    auto size = length();
    if (!size || *size > rest_.size()) return std::nullopt;
    ByteView content = rest_.first(*size);
    rest_ = rest_.subspan(*size);
    return content;
  }

 private:
  std::optional<std::size_t> length() {
    if (rest_.empty()) return std::nullopt;
    std::size_t first = rest_[0];
    rest_ = rest_.subspan(1);
    if (first < 0x80) return first;
    std::size_t bytes = first & 0x7f;
    if (bytes == 0 || bytes > 3 || bytes > rest_.size()) return std::nullopt;
    std::size_t size = 0;
    for (uint8_t byte : rest_.first(bytes)) size = size << 8 | byte;
    rest_ = rest_.subspan(bytes);
    bool shortest = size >= 0x80 && size >> (8 * (bytes - 1)) != 0;
    return shortest ? std::optional(size) : std::nullopt;
  }

  ByteView rest_;
};

}  // namespace

std::optional<ByteView> certifiedKey(ByteView certificate) {
  Der whole(certificate);
  auto body = whole.take(kSequence);
  if (!body || !whole.atEnd()) return std::nullopt;
  Der signedParts(*body);
  auto signedPart = signedParts.take(kSequence);
  if (!signedPart) return std::nullopt;
  Der in(*signedPart);
  if (in.nextIs(kVersion) && !in.take(kVersion)) return std::nullopt;
  // serialNumber, signature, issuer, validity, subject
  for (uint8_t tag : {kInteger, kSequence, kSequence, kSequence, kSequence}) {
    if (!in.take(tag)) return std::nullopt;
  }
  auto info = in.take(kSequence);
  if (!info) return std::nullopt;
  Der key(*info);
  if (!key.take(kSequence)) return std::nullopt;
  auto bits = key.take(kBitString);
  // The first byte says how many bits of the last are none: keys are whole bytes.
  if (!bits || bits->empty() || (*bits)[0] != 0) return std::nullopt;
  return bits->subspan(1);
}

}  // namespace qpq::mls
