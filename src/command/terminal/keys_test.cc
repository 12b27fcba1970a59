#include "command/terminal/keys.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::command {
namespace {

using Presses = std::vector<KeyPress>;

TEST_CASE("characters and keys are told apart") {
  KeyReader reader;
  CHECK(reader.feed("hi\r") == Presses{{Key::text, "h"}, {Key::text, "i"}, {Key::enter, {}}});
  CHECK(reader.feed("\x1b[A\x1bOB\x1b[1;5D\x1b"
                    "b\x7f\x03\x04") == Presses{{Key::up, {}},
                                                {Key::down, {}},
                                                {Key::wordLeft, {}},
                                                {Key::wordLeft, {}},
                                                {Key::backspace, {}},
                                                {Key::interrupt, {}},
                                                {Key::endOfInput, {}}});
  CHECK(reader.feed("\x1b"
                    "3\x1b"
                    "a\x1b\r") == Presses{{Key::jump, "3"}, {Key::nextUnread, {}}, {Key::newline, {}}});
}

TEST_CASE("however the bytes are cut, the keys are the same") {
  std::string all = "a日\x1b[3~\x1b[200~one\rtwo\x1b[201~é\x1b[1;3C\r";
  Presses whole = KeyReader().feed(all);
  REQUIRE(whole.size() == 7);
  CHECK(whole[3] == KeyPress{Key::paste, "one\ntwo"});
  KeyReader reader;
  Presses piecewise;
  for (char byte : all) {
    for (KeyPress& press : reader.feed(std::string_view(&byte, 1))) piecewise.push_back(press);
  }
  CHECK(piecewise == whole);
}

TEST_CASE("a sequence nobody knows types nothing") {
  KeyReader reader;
  CHECK(reader.feed("\x1b[?2026;2$y\x1b[<0;10;10M\x1b[99;99~x") == Presses{{Key::text, "x"}});
}

TEST_CASE("a lone escape becomes a key only after a silence") {
  KeyReader reader;
  CHECK(reader.feed("\x1b").empty());
  CHECK(reader.pending());
  CHECK(reader.settle() == Presses{{Key::escape, {}}});
  CHECK_FALSE(reader.pending());
}

TEST_CASE("what is not UTF-8 becomes U+FFFD, an unfinished character waits") {
  KeyReader reader;
  CHECK(reader.feed("\xff"
                    "a") == Presses{{Key::text, "�"}, {Key::text, "a"}});
  CHECK(reader.feed("\xe2\x82").empty());
  CHECK(reader.feed("\xac") == Presses{{Key::text, "€"}});
}

TEST_CASE("a paste keeps control sequences as text and ends at its limit") {
  KeyReader reader;
  CHECK(reader.feed("\x1b[200~\x1b[A\x03\x1b[201~") == Presses{{Key::paste, "\x1b[A\x03"}});
  reader.feed("\x1b[200~");
  for (int i = 0; i < 40; ++i) reader.feed(std::string(64 * 1024, 'x'));
  Presses presses = reader.feed("\x1b[201~");
  REQUIRE(presses.size() == 1);
  CHECK(presses[0].text.size() == kPasteBytesMax);
}

TEST_CASE("a sequence without end costs nothing and is dropped") {
  KeyReader reader;
  reader.feed("\x1b[");
  for (int i = 0; i < 1000; ++i) reader.feed("111111111111");
  CHECK(reader.feed("~").size() <= 1);
}

}  // namespace
}  // namespace qpq::command
