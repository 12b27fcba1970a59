#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qpq::command {

enum class Key : uint8_t {
  text,   // KeyPress::text holds one character
  paste,  // KeyPress::text holds all that was pasted, newlines kept
  enter,
  newline,  // Alt-Enter: a line break inside the message
  tab,
  backTab,
  backspace,
  deleteRight,
  left,
  right,
  wordLeft,
  wordRight,
  up,
  down,
  home,
  end,
  killToEnd,
  killToStart,
  killWordLeft,
  yank,
  clearScreen,
  escape,
  interrupt,   // Ctrl-C
  endOfInput,  // Ctrl-D
  jump,        // Alt-1 … Alt-9: KeyPress::text holds the digit
  nextUnread,  // Alt-a
};

struct KeyPress {
  Key key;
  std::string text;

  bool operator==(const KeyPress&) const = default;
};

// Turns what a terminal sends into key presses, however the bytes are cut. Unknown sequences are swallowed whole, so
// that no part of one is typed into the draft. A pure state machine: it reads no terminal and owns no clock.
class KeyReader {
 public:
  std::vector<KeyPress> feed(std::string_view bytes);
  // Whether the bytes so far end in the middle of something that began with ESC. After a short silence the caller asks
  // settle(), and a lone ESC becomes the key it was.
  bool pending() const { return !rest_.empty() && !pasting_; }
  std::vector<KeyPress> settle();

 private:
  bool next(std::vector<KeyPress>& presses);
  bool escape(std::vector<KeyPress>& presses);
  bool sequence(std::vector<KeyPress>& presses);
  bool pasted(std::vector<KeyPress>& presses);
  void take(std::size_t size) { rest_.erase(0, size); }

  std::string rest_;    // not yet understood
  std::string pasted_;  // inside a bracketed paste
  bool pasting_ = false;
};

// A paste above this is cut there: what can be sent is far smaller, and a terminal must not fill our memory.
inline constexpr std::size_t kPasteBytesMax = 1 << 20;

}  // namespace qpq::command
