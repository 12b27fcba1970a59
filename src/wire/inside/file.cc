#include "wire/inside/file.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "wire/inside/sealed_file.h"
#include "wire/inside/utf8.h"
#include "wire/limits.h"

namespace qpq::wire {

namespace {

// Padmé adds less than that (mls/framing/padding.h). Without a bound one message could make its readers fetch
// gigabytes for a file of three bytes.
uint64_t paddingMax(uint64_t size) { return std::max<uint64_t>(256, size / 8); }

// The first character of valid UTF-8.
struct Character {
  char32_t value;
  std::size_t size;
};
Character firstOf(ByteView text) {
  uint8_t first = text[0];
  if (first < 0x80) return {first, 1};
  std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t value = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) value = value << 6 | (text[i] & 0x3fU);
  return {value, size};
}

bool within(char32_t value, char32_t first, char32_t last) { return value >= first && value <= last; }

// Control characters, those that turn the order of reading ("gpj.exe" shown as "exe.jpg") and those that cannot be
// seen.
bool isHidden(char32_t value) {
  return value < 0x20 || within(value, 0x7f, 0x9f) || value == 0xad || value == 0x61c || value == 0x180e ||
         within(value, 0x200b, 0x200f) || within(value, 0x2028, 0x202e) || within(value, 0x2060, 0x206f) ||
         value == 0xfeff || within(value, 0xfff0, 0xfffc) || within(value, 0xe0000, 0xe0fff) || value == 0x115f ||
         value == 0x1160 || value == 0x3164 || value == 0xffa0;
}

// What some disk or shell takes for something else.
bool isSpecial(char32_t value) {
  return value < 0x80 && std::string_view("<>:\"|?*`$&;'").contains(static_cast<char>(value));
}

}  // namespace

SecretBytes encodeFile(const File& file) {
  SecretWriter out;
  out.opaque(file.name);
  out.u64(file.size);
  out.bytes(file.key.expose());
  out.bytes(file.hash);
  out.u64(file.length);
  return SecretBytes(std::move(out).take());
}

Result<File> parseFile(ByteView body) {
  Reader in(body);
  File file;
  file.name = toBytes(TRY(in.opaque()));
  file.size = TRY(in.u64());
  std::ranges::copy(TRY(in.bytes(32)), file.key.writable().begin());
  file.hash = TRY(Codec<Hash>::read(in));
  file.length = TRY(in.u64());
  TRY(in.finish());
  if (file.name.size() > kFileNameSizeMax || file.size > kFileSizeMax) return fail(ErrorCode::tooLarge);
  if (!isUtf8(file.name)) return fail(ErrorCode::notUtf8);
  auto padded = paddedFileSize(file.length);
  if (!padded || *padded < file.size || *padded - file.size > paddingMax(file.size)) {
    return fail(ErrorCode::fileLength);
  }
  return file;
}

std::string harmlessFileName(ByteView name) {
  if (!isUtf8(name)) return "file";
  std::string out;
  for (ByteView rest = name; !rest.empty();) {
    Character character = firstOf(rest);
    if (character.value == '/' || character.value == '\\') {
      out.clear();
    } else if (isSpecial(character.value)) {
      out += '_';
    } else if (!isHidden(character.value)) {
      out += asText(rest.first(character.size));
    }
    rest = rest.subspan(character.size);
  }
  if (out.size() > kFileNameSizeMax) {
    std::size_t end = kFileNameSizeMax;
    while ((static_cast<uint8_t>(out[end]) & 0xc0) == 0x80) --end;
    out.resize(end);
  }
  // Dots and spaces at the end are dropped by some disks, so that two names become one.
  out.erase(out.find_last_not_of(". ") + 1);
  out.erase(0, out.find_first_not_of(' '));
  if (out.empty()) return "file";
  if (out[0] == '.' || out[0] == '-' || out[0] == '~') out[0] = '_';
  return out;
}

}  // namespace qpq::wire
