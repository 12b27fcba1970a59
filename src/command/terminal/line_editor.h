#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/terminal/glyphs.h"
#include "command/terminal/keys.h"

namespace qpq::command {

// The line a person is writing: text with a cursor, history, completion. Pure state: it is fed key presses and rendered
// by whoever owns the terminal, so a message that arrives never disturbs the draft.
class LineEditor {
 public:
  // What the word under the cursor may become, most likely first; `line` is the text up to the cursor.
  using Completer = std::function<std::vector<std::string>(std::string_view line)>;

  enum class Outcome {
    editing,
    submitted,    // take() gives the line
    interrupted,  // Ctrl-C; the draft is kept for the caller to discard or keep
    endOfInput,   // Ctrl-D on an empty line
    unhandled,    // a key for the caller: jump, nextUnread, clearScreen, escape
  };

  explicit LineEditor(Completer completer = {});

  Outcome press(const KeyPress& press);
  // The submitted line; the editor is empty afterwards and the line is the newest in the history.
  std::string take();

  // Swaps the draft: each conversation keeps its own.
  std::string exchangeDraft(std::string draft);

  std::string text() const;
  std::string textBeforeCursor() const;
  const std::vector<std::string>& candidates() const { return candidates_; }  // shown while Tab is cycling
  std::optional<std::size_t> chosen() const { return chosen_; }

 private:
  using Glyphs = std::vector<Glyph>;

  void insert(std::string_view text);
  void erase(std::size_t from, std::size_t to);
  void kill(std::size_t from, std::size_t to);
  void replaceAll(std::string_view text);
  std::size_t wordLeft() const;
  std::size_t wordRight() const;
  bool edit(const KeyPress& press);
  bool move(Key key);
  void complete(bool forward);
  void recall(bool older);

  Completer completer_;
  Glyphs glyphs_;
  std::size_t cursor_ = 0;  // in glyphs
  std::string killed_;
  std::vector<std::string> history_;
  std::optional<std::size_t> recalled_;  // which line of the history is shown
  std::string draft_;                    // what was being written before the history was opened
  std::vector<std::string> candidates_;
  std::optional<std::size_t> chosen_;
  std::size_t completionStart_ = 0;  // the glyph at which the completed word begins
};

inline constexpr std::size_t kHistoryLinesMax = 500;
// Far above what can be sent (64 KiB): the refusal is the sender's, this only bounds memory.
inline constexpr std::size_t kDraftBytesMax = 1 << 20;

}  // namespace qpq::command
