#include "command/terminal/inline_screen.h"

#include <algorithm>

#include "command/terminal/safe_text.h"

namespace qpq::command {

namespace {

// Synchronized output: a terminal that knows it shows the whole change at once, others ignore it.
constexpr std::string_view kBegin = "\x1b[?2026h";
constexpr std::string_view kEnd = "\x1b[?2026l";

std::string cut(std::string_view text, int columns) {
  std::string out;
  int used = 0;
  for (const Glyph& glyph : glyphsOf(text)) {
    if (used + glyph.columns > columns) break;
    used += glyph.columns;
    out += glyph.text;
  }
  return out;
}

std::string candidateRow(const LineEditor& editor, int columns) {
  std::string row;
  for (std::size_t i = 0; i < editor.candidates().size(); ++i) {
    std::string word = safeLine(editor.candidates()[i]);
    row += editor.chosen() == i ? "[" + word + "] " : " " + word + "  ";
  }
  return cut(row, columns);
}

}  // namespace

InlineScreen::Layout InlineScreen::layout(const Block& block, const LineEditor& editor) const {
  Layout layout;
  std::vector<std::string> input(1);
  int used = 0;
  std::size_t cursorRow = 0;
  int cursorColumn = 0;
  auto put = [&](std::string_view text) {
    for (const Glyph& glyph : glyphsOf(text)) {
      if (used + glyph.columns > columns_ - 1) {
        input.emplace_back();
        used = 0;
      }
      input.back() += glyph.text;
      used += glyph.columns;
    }
  };
  std::string text = editor.text();
  std::size_t split = editor.textBeforeCursor().size();
  put(block.prompt);
  put(safeLine(std::string_view(text).substr(0, split)));
  cursorRow = input.size() - 1;
  cursorColumn = used;
  put(safeLine(std::string_view(text).substr(split)));

  if (!editor.candidates().empty()) layout.rows.push_back(candidateRow(editor, columns_ - 1));
  if (!block.status.empty()) layout.rows.push_back(cut(block.status, columns_ - 1));
  std::size_t first = cursorRow >= kInputRowsMax ? cursorRow - kInputRowsMax + 1 : 0;
  layout.cursorRow = layout.rows.size() + cursorRow - first;
  layout.cursorColumn = cursorColumn;
  for (std::size_t i = first; i < std::min(input.size(), first + kInputRowsMax); ++i) layout.rows.push_back(input[i]);
  return layout;
}

std::string InlineScreen::erase() {
  if (!drawn_) return {};
  std::string out = "\r";
  if (cursorRow_ > 0) out += "\x1b[" + std::to_string(cursorRow_) + "A";
  out += "\x1b[J";
  drawn_ = false;
  cursorRow_ = 0;
  return out;
}

std::string InlineScreen::paint(const Layout& layout) {
  std::string out;
  for (std::size_t i = 0; i < layout.rows.size(); ++i) {
    if (i > 0) out += "\r\n";
    out += layout.rows[i];
  }
  std::size_t below = layout.rows.size() - 1 - layout.cursorRow;
  if (below > 0) out += "\x1b[" + std::to_string(below) + "A";
  out += "\r";
  if (layout.cursorColumn > 0) out += "\x1b[" + std::to_string(layout.cursorColumn) + "C";
  cursorRow_ = layout.cursorRow;
  drawn_ = true;
  return out;
}

std::string InlineScreen::draw(const Block& block, const LineEditor& editor) {
  std::string out(kBegin);
  out += erase();
  out += paint(layout(block, editor));
  out += kEnd;
  return out;
}

std::string InlineScreen::print(std::string_view lines, const Block& block, const LineEditor& editor) {
  std::string out(kBegin);
  out += erase();
  for (char c : lines) {
    if (c == '\n') out += '\r';
    out += c;
  }
  out += "\r\n";
  out += paint(layout(block, editor));
  out += kEnd;
  return out;
}

}  // namespace qpq::command
