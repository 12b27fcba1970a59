#include "base/paper.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace qpq;

namespace {

std::string paper(const Bytes& bytes) { return std::string(asText(toPaper(bytes).expose())); }
std::optional<Bytes> typed(std::string_view text) {
  auto bytes = fromPaper(asBytes(text));
  if (!bytes) return std::nullopt;
  return toBytes(bytes->expose());
}

}  // namespace

TEST_CASE("bytes become letters in groups of five and come back") {
  CHECK(paper({}) == "");
  CHECK(paper(Bytes(5)) == "00000-000");
  CHECK(paper(Bytes(5, 0xff)) == "ZZZZZ-ZZZ");
  CHECK(paper({0x00, 0x44, 0x32, 0x14, 0xc7}) == "01234-567");
  Bytes all;
  for (unsigned i = 0; i < 40; ++i) all.push_back(static_cast<uint8_t>(i * 37));
  CHECK(typed(paper(all)) == all);
}

TEST_CASE("what is typed may be small, spaced, and mistaken for what it looks like") {
  const Bytes bytes{0x00, 0x44, 0x32, 0x14, 0xc7};
  CHECK(typed("01234567") == bytes);
  CHECK(typed(" 0l234 - 567 ") == bytes);
  CHECK(typed("oI234-567") == bytes);
  CHECK(typed("zzzzzzzz") == Bytes(5, 0xff));
}

TEST_CASE("other characters and half a group are nothing") {
  for (const char* wrong : {"0", "0123456", "012345678", "0123456u", "0123456_", "0123456\n", "0123456\xc3\xa9"}) {
    INFO(wrong);
    CHECK(!typed(wrong));
  }
  CHECK(typed("") == Bytes());
  CHECK(paperLetter('o') == '0');
  CHECK(!paperLetter('u'));
  CHECK(!paperLetter('\0'));
}
