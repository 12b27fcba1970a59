#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qpq::command {

// What a reader sees as one character: a base with its marks, an emoji with its modifiers. Cursors move and deletions
// happen by glyph, never inside one.
struct Glyph {
  std::string text;
  int columns;  // terminal cells: 0, 1 or 2

  bool operator==(const Glyph&) const = default;
};

std::vector<Glyph> glyphsOf(std::string_view text);
int columnsOf(std::string_view text);

}  // namespace qpq::command
