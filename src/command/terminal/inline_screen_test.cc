#include "command/terminal/inline_screen.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::command {
namespace {

// A terminal of a few rows that knows what InlineScreen may send, and fails on anything else.
class Terminal {
 public:
  explicit Terminal(std::size_t columns): columns_(columns) {}

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      if (bytes[0] == '\x1b') {
        control(bytes);
      } else if (bytes[0] == '\r') {
        column_ = 0;
        bytes.remove_prefix(1);
      } else if (bytes[0] == '\n') {
        ++row_;
        if (row_ == rows_.size()) rows_.emplace_back();
        bytes.remove_prefix(1);
      } else {
        std::string glyph = glyphsOf(bytes)[0].text;
        rows_[row_].resize(std::max(rows_[row_].size(), column_));
        rows_[row_].resize(column_);
        for (int i = 0; i < glyphsOf(bytes)[0].columns; ++i) rows_[row_].push_back(i == 0 ? glyph : "");
        column_ = rows_[row_].size();
        REQUIRE(column_ < columns_);
        bytes.remove_prefix(glyph.size());
      }
    }
  }
  std::string row(std::size_t index) const {
    std::string text;
    for (const std::string& cell : rows_.at(index)) text += cell;
    return text;
  }
  std::size_t rows() const { return rows_.size(); }
  std::size_t cursorRow() const { return row_; }
  std::size_t cursorColumn() const { return column_; }

 private:
  void control(std::string_view& bytes) {
    std::size_t end = bytes.find_first_of("ABCDJhl");
    REQUIRE(end != std::string_view::npos);
    std::string body(bytes.substr(2, end - 2));
    std::size_t count = body.empty() || body[0] == '?' ? 1 : std::stoul(body);
    if (bytes[end] == 'A') row_ -= count;
    if (bytes[end] == 'C') column_ += count;
    if (bytes[end] == 'J') {
      rows_.resize(row_ + 1);
      rows_[row_].resize(column_);
    }
    bytes.remove_prefix(end + 1);
  }
  std::size_t columns_;
  std::vector<std::vector<std::string>> rows_ = std::vector<std::vector<std::string>>(1);
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

void type(LineEditor& editor, std::string_view bytes) {
  KeyReader reader;
  for (const KeyPress& press : reader.feed(bytes)) editor.press(press);
}

const InlineScreen::Block kBlock{.prompt = "@bob › ", .status = "#team 2"};

TEST_CASE("messages scroll above while the draft and its cursor stay") {
  Terminal terminal(40);
  InlineScreen screen;
  screen.resize(40);
  LineEditor editor;
  type(editor, "hello日\x1b[D");
  terminal.write(screen.draw(kBlock, editor));
  terminal.write(screen.print("bob: one", kBlock, editor));
  terminal.write(screen.print("bob: two\nlines", kBlock, editor));
  REQUIRE(terminal.rows() == 5);
  CHECK(terminal.row(0) == "bob: one");
  CHECK(terminal.row(1) == "bob: two");
  CHECK(terminal.row(2) == "lines");
  CHECK(terminal.row(3) == "#team 2");
  CHECK(terminal.row(4) == "@bob › hello日");
  CHECK(terminal.cursorRow() == 4);
  CHECK(terminal.cursorColumn() == 12);
}

TEST_CASE("a draft of many rows is taken away whole") {
  Terminal terminal(20);
  InlineScreen screen;
  screen.resize(20);
  LineEditor editor;
  type(editor, std::string(200, 'x'));
  terminal.write(screen.draw(kBlock, editor));
  CHECK(terminal.rows() == 1 + InlineScreen::kInputRowsMax);
  type(editor, "\x15");
  terminal.write(screen.draw(kBlock, editor));
  CHECK(terminal.rows() == 2);
  CHECK(terminal.row(1) == "@bob › ");
  terminal.write(screen.erase());
  CHECK(terminal.rows() == 1);
  CHECK(terminal.row(0).empty());
}

TEST_CASE("a cursor in the middle of a long draft is where the text says") {
  Terminal terminal(20);
  InlineScreen screen;
  screen.resize(20);
  LineEditor editor;
  type(editor, std::string(30, 'x') + "\x01");
  terminal.write(screen.draw(kBlock, editor));
  CHECK(terminal.cursorRow() == 1);
  CHECK(terminal.cursorColumn() == 7);
}

TEST_CASE("what a pasted draft holds cannot reach the terminal raw") {
  InlineScreen screen;
  LineEditor editor;
  editor.press({Key::paste, "\x1b]0;pwn\a\nnext"});
  std::string bytes = screen.draw(kBlock, editor);
  CHECK(bytes.find("\x1b]") == std::string::npos);
  CHECK(bytes.find("␦]0;pwn␦⏎next") != std::string::npos);
}

TEST_CASE("candidates stand above the line and mark the chosen one") {
  Terminal terminal(40);
  InlineScreen screen;
  screen.resize(40);
  LineEditor editor([](std::string_view) { return std::vector<std::string>{"@bob", "@bea"}; });
  type(editor, "@b\t");
  terminal.write(screen.draw({.prompt = "> ", .status = {}}, editor));
  CHECK(terminal.row(0) == "[@bob]  @bea  ");
  CHECK(terminal.row(1) == "> @bob");
}

}  // namespace
}  // namespace qpq::command
