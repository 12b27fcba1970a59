#include "command/terminal/glyphs.h"

#include <algorithm>
#include <ftxui/screen/string.hpp>

namespace qpq::command {

namespace {

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// FTXUI gives one string a cell: a wide glyph is followed by an empty one. It drops control characters.
void appendRun(std::vector<Glyph>& glyphs, std::string_view run) {
  for (std::string& cell : ftxui::Utf8ToGlyphs(std::string(run))) {
    if (cell.empty()) {
      if (!glyphs.empty()) glyphs.back().columns = 2;
    } else if (!glyphs.empty() && (cell.starts_with("\u200d") || glyphs.back().text.ends_with("\u200d"))) {
      glyphs.back().text += cell;
    } else {
      glyphs.push_back({std::move(cell), 1});
    }
  }
}

}  // namespace

std::vector<Glyph> glyphsOf(std::string_view text) {
  std::vector<Glyph> glyphs;
  while (!text.empty()) {
    auto end = static_cast<std::size_t>(std::ranges::find_if(text, isControl) - text.begin());
    appendRun(glyphs, text.substr(0, end));
    if (end < text.size()) glyphs.push_back({std::string(1, text[end++]), 1});
    text.remove_prefix(end);
  }
  return glyphs;
}

int columnsOf(std::string_view text) {
  int columns = 0;
  for (const Glyph& glyph : glyphsOf(text)) columns += glyph.columns;
  return columns;
}

}  // namespace qpq::command
