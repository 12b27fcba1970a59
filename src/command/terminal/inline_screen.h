#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "command/terminal/line_editor.h"

namespace qpq::command {

// The block at the bottom of the terminal: candidates, a status row, the line being written. What was said scrolls
// above it in the terminal's own scrollback. Every method returns the bytes to write; nothing is written here.
//
// Each draw remembers where it left the cursor, so the next one can take the whole block away again.
class InlineScreen {
 public:
  struct Block {
    std::string prompt;  // safe text
    std::string status;  // one row, may be empty; safe text
  };

  void resize(int columns) { columns_ = columns > kColumnsMin ? columns : kColumnsMin; }

  // Draws the block anew.
  std::string draw(const Block& block, const LineEditor& editor);
  // Puts lines above the block (they scroll away with the terminal) and draws the block again.
  std::string print(std::string_view lines, const Block& block, const LineEditor& editor);
  // Takes the block away: before leaving, or before another program has the terminal.
  std::string erase();

  static constexpr int kColumnsMin = 20;
  static constexpr std::size_t kInputRowsMax = 8;  // a longer draft shows the rows around the cursor

 private:
  struct Layout {
    std::vector<std::string> rows;
    std::size_t cursorRow = 0;
    int cursorColumn = 0;
  };
  Layout layout(const Block& block, const LineEditor& editor) const;
  std::string paint(const Layout& layout);

  int columns_ = 80;
  std::size_t cursorRow_ = 0;  // of the last draw, from the top of the block
  bool drawn_ = false;
};

}  // namespace qpq::command
