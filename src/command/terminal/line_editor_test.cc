#include "command/terminal/line_editor.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::command {
namespace {

using Outcome = LineEditor::Outcome;

Outcome type(LineEditor& editor, std::string_view bytes) {
  KeyReader reader;
  Outcome last = Outcome::editing;
  for (const KeyPress& press : reader.feed(bytes)) last = editor.press(press);
  return last;
}

TEST_CASE("typing, moving and deleting go by what a reader sees as one character") {
  LineEditor editor;
  type(editor, "a日e\u0301👩‍👩‍👧");
  CHECK(type(editor, "\x7f") == Outcome::editing);
  CHECK(editor.text() == "a日e\u0301");
  type(editor, "\x7f");
  CHECK(editor.text() == "a日");
  type(editor, "\x1b[D\x7f");
  CHECK(editor.text() == "日");
}

TEST_CASE("words and ends can be jumped to, killed and brought back") {
  LineEditor editor;
  type(editor, "one two three");
  type(editor, "\x17");
  CHECK(editor.text() == "one two ");
  type(editor, "\x01\x19");
  CHECK(editor.text() == "threeone two ");
  type(editor, "\x1b[1;5C\x0b");
  CHECK(editor.text() == "threeone");
  type(editor, "\x1b[D\x15");
  CHECK(editor.text() == "e");
}

TEST_CASE("a submitted line leaves an empty editor and can be recalled; the draft survives the walk") {
  LineEditor editor;
  for (std::string line : {"first\r", "second\r"}) {
    CHECK(type(editor, line) == Outcome::submitted);
    editor.take();
  }
  CHECK(editor.text().empty());
  type(editor, "draft\x1b[A");
  CHECK(editor.text() == "second");
  type(editor, "\x1b[A\x1b[A\x1b[A");
  CHECK(editor.text() == "first");
  type(editor, "\x1b[B\x1b[B");
  CHECK(editor.text() == "draft");
}

TEST_CASE("each conversation keeps its draft") {
  LineEditor editor;
  type(editor, "to bob");
  std::string forBob = editor.exchangeDraft("");
  type(editor, "to team");
  CHECK(editor.exchangeDraft(forBob) == "to team");
  CHECK(editor.text() == "to bob");
}

TEST_CASE("Tab walks through what fits and the next key settles it") {
  LineEditor editor([](std::string_view line) {
    return line == "/dm @b" ? std::vector<std::string>{"@bob", "@bea"}
           : line == "/d"   ? std::vector<std::string>{"/dm"}
                            : std::vector<std::string>{};
  });
  type(editor, "/d\t");
  CHECK(editor.text() == "/dm ");
  type(editor, "@b\t");
  CHECK(editor.text() == "/dm @bob");
  CHECK(editor.candidates().size() == 2);
  type(editor, "\t");
  CHECK(editor.text() == "/dm @bea");
  type(editor, "\x1b[Z");
  CHECK(editor.text() == "/dm @bob");
  type(editor, " x");
  CHECK(editor.text() == "/dm @bob x");
  CHECK(editor.candidates().empty());
}

TEST_CASE("a paste of several lines is one message") {
  LineEditor editor;
  CHECK(type(editor, "see:\x1b[200~one\ntwo\x1b[201~") == Outcome::editing);
  CHECK(editor.text() == "see:one\ntwo");
}

TEST_CASE("control keys mean what a shell user expects") {
  LineEditor editor;
  CHECK(type(editor, "\x04") == Outcome::endOfInput);
  type(editor, "ab\x01");
  CHECK(type(editor, "\x04") == Outcome::editing);
  CHECK(editor.text() == "b");
  CHECK(type(editor, "\x03") == Outcome::interrupted);
  CHECK(type(editor,
             "\x1b"
             "2") == Outcome::unhandled);
}

TEST_CASE("a draft has an end") {
  LineEditor editor;
  editor.press({Key::paste, std::string(kDraftBytesMax, 'x')});
  editor.press({Key::text, "y"});
  CHECK(editor.text().size() == kDraftBytesMax);
}

}  // namespace
}  // namespace qpq::command
