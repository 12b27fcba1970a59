#include "command/terminal/safe_text.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "command/terminal/utf8.h"

namespace qpq::command {
namespace {

TEST_CASE("ordinary text of any script passes unchanged") {
  for (std::string text : {"hello", "žluťoučký kůň", "日本語", "👩‍👩‍👧 ✌️", "a\nb", "שלום", "e\u0301"})
    CHECK(safeText(text) == text);
}

TEST_CASE("escape sequences lose their escape") {
  CHECK(safeText("\x1b]0;pwned\a\x1b[2J") == "␦]0;pwned␦␦[2J");
  CHECK(safeText("\xc2\x9b"
                 "31m") == "␦31m");  // CSI as one C1 character
  CHECK(safeText("a\rb\x7f") == "a␦b␦");
}

TEST_CASE("bidi controls and invisible characters are shown") {
  CHECK(safeText("photo\u202egnp.exe") == "photo␦gnp.exe");
  for (const char* hidden :
       {"\u061c", "\u200b", "\u200f", "\u2066", "\u2069", "\u2028", "\ufeff", "\U000E0041", "\u00ad"}) {
    CHECK(safeText(hidden) == "␦");
  }
}

TEST_CASE("bytes that are not UTF-8 become U+FFFD one by one") {
  CHECK(safeText("a\xff\xfe"
                 "b") == "a��b");
  CHECK(safeText("\xc0\x80") == "��");            // overlong
  CHECK(safeText("\xed\xa0\x80") == "���");       // surrogate
  CHECK(safeText("\xf4\x90\x80\x80") == "����");  // above U+10FFFF
  CHECK(safeText("\xe2\x82") == "��");            // cut short
}

TEST_CASE("marks stacked on one character end at the limit") {
  std::string zalgo = "a";
  for (int i = 0; i < 50; ++i) zalgo += "\u0301";
  CHECK(safeText(zalgo).size() == 1 + 2 * kCombiningMarksMax);
}

TEST_CASE("a line stays a line") { CHECK(safeLine("one\ntwo\tthree") == "one⏎two    three"); }

TEST_CASE("every code point goes out as it came in") {
  for (char32_t value : {char32_t{'a'}, char32_t{0x7FF}, char32_t{0x800}, char32_t{0xFFFF}, char32_t{0x10FFFF}}) {
    std::string text;
    appendUtf8(text, value);
    CodePoint point = firstCodePoint(text);
    CHECK((point.valid && point.value == value && point.size == text.size()));
  }
}

}  // namespace
}  // namespace qpq::command
