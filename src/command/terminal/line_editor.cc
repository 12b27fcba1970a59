#include "command/terminal/line_editor.h"

#include <algorithm>
#include <span>
#include <utility>

namespace qpq::command {

namespace {

bool isBlank(const Glyph& glyph) { return glyph.text == " " || glyph.text == "\n"; }

std::string join(std::span<const Glyph> glyphs) {
  std::string text;
  for (const Glyph& glyph : glyphs) text += glyph.text;
  return text;
}

}  // namespace

LineEditor::LineEditor(Completer completer): completer_(std::move(completer)) {}

std::string LineEditor::text() const { return join(glyphs_); }
std::string LineEditor::textBeforeCursor() const { return join(std::span(glyphs_).first(cursor_)); }

LineEditor::Outcome LineEditor::press(const KeyPress& press) {
  if (press.key == Key::tab || press.key == Key::backTab) {
    complete(press.key == Key::tab);
    return Outcome::editing;
  }
  candidates_.clear();
  chosen_.reset();
  if (edit(press) || move(press.key)) return Outcome::editing;
  switch (press.key) {
    case Key::up: recall(true); return Outcome::editing;
    case Key::down: recall(false); return Outcome::editing;
    case Key::enter: return Outcome::submitted;
    case Key::interrupt: return Outcome::interrupted;
    case Key::endOfInput:
      if (glyphs_.empty()) return Outcome::endOfInput;
      erase(cursor_, std::min(cursor_ + 1, glyphs_.size()));
      return Outcome::editing;
    default: return Outcome::unhandled;
  }
}

std::string LineEditor::take() {
  std::string line = text();
  replaceAll("");
  recalled_.reset();
  draft_.clear();
  bool repeated = !history_.empty() && history_.back() == line;
  if (!line.empty() && !repeated) {
    history_.push_back(line);
    if (history_.size() > kHistoryLinesMax) history_.erase(history_.begin());
  }
  return line;
}

std::string LineEditor::exchangeDraft(std::string draft) {
  std::string before = recalled_ ? std::exchange(draft_, {}) : text();
  recalled_.reset();
  replaceAll(draft);
  return before;
}

bool LineEditor::edit(const KeyPress& press) {
  switch (press.key) {
    case Key::text:
    case Key::paste: insert(press.text); return true;
    case Key::newline: insert("\n"); return true;
    case Key::yank: insert(killed_); return true;
    case Key::backspace: erase(cursor_ == 0 ? 0 : cursor_ - 1, cursor_); return true;
    case Key::deleteRight: erase(cursor_, std::min(cursor_ + 1, glyphs_.size())); return true;
    case Key::killToEnd: kill(cursor_, glyphs_.size()); return true;
    case Key::killToStart: kill(0, cursor_); return true;
    case Key::killWordLeft: kill(wordLeft(), cursor_); return true;
    default: return false;
  }
}

bool LineEditor::move(Key key) {
  switch (key) {
    case Key::left: cursor_ = cursor_ == 0 ? 0 : cursor_ - 1; return true;
    case Key::right: cursor_ = std::min(cursor_ + 1, glyphs_.size()); return true;
    case Key::wordLeft: cursor_ = wordLeft(); return true;
    case Key::wordRight: cursor_ = wordRight(); return true;
    case Key::home: cursor_ = 0; return true;
    case Key::end: cursor_ = glyphs_.size(); return true;
    default: return false;
  }
}

void LineEditor::insert(std::string_view text) {
  std::string before = textBeforeCursor();
  std::string after = join(std::span(glyphs_).subspan(cursor_));
  if (before.size() + after.size() + text.size() > kDraftBytesMax) return;
  // The whole is cut anew: a mark typed after a letter joins the letter's glyph.
  before += text;
  glyphs_ = glyphsOf(before + after);
  cursor_ = std::min(glyphsOf(before).size(), glyphs_.size());
}

void LineEditor::erase(std::size_t from, std::size_t to) {
  auto at = [this](std::size_t index) { return glyphs_.begin() + static_cast<std::ptrdiff_t>(index); };
  glyphs_.erase(at(from), at(to));
  cursor_ = from;
}

void LineEditor::kill(std::size_t from, std::size_t to) {
  if (from == to) return;
  killed_ = join(std::span(glyphs_).subspan(from, to - from));
  erase(from, to);
}

void LineEditor::replaceAll(std::string_view text) {
  glyphs_ = glyphsOf(text);
  cursor_ = glyphs_.size();
}

std::size_t LineEditor::wordLeft() const {
  std::size_t at = cursor_;
  while (at > 0 && isBlank(glyphs_[at - 1])) --at;
  while (at > 0 && !isBlank(glyphs_[at - 1])) --at;
  return at;
}

std::size_t LineEditor::wordRight() const {
  std::size_t at = cursor_;
  while (at < glyphs_.size() && isBlank(glyphs_[at])) ++at;
  while (at < glyphs_.size() && !isBlank(glyphs_[at])) ++at;
  return at;
}

// The first Tab asks for candidates and takes the first; further ones walk through them.
void LineEditor::complete(bool forward) {
  if (!chosen_) {
    if (!completer_) return;
    candidates_ = completer_(textBeforeCursor());
    if (candidates_.empty()) return;
    completionStart_ = cursor_;
    while (completionStart_ > 0 && !isBlank(glyphs_[completionStart_ - 1])) --completionStart_;
    chosen_ = forward ? 0 : candidates_.size() - 1;
  } else {
    std::size_t count = candidates_.size();
    chosen_ = (*chosen_ + (forward ? 1 : count - 1)) % count;
  }
  erase(completionStart_, cursor_);
  // With a single candidate there is nothing to walk through: what follows is the next word.
  insert(candidates_.size() == 1 ? candidates_[0] + " " : candidates_[*chosen_]);
  if (candidates_.size() == 1) {
    candidates_.clear();
    chosen_.reset();
  }
}

void LineEditor::recall(bool older) {
  if (older) {
    if (history_.empty() || recalled_ == std::size_t{0}) return;
    if (!recalled_) draft_ = text();
    recalled_ = recalled_.value_or(history_.size()) - 1;
    replaceAll(history_[*recalled_]);
  } else if (recalled_) {
    std::size_t next = *recalled_ + 1;
    if (next < history_.size()) {
      recalled_ = next;
      replaceAll(history_[next]);
    } else {
      recalled_.reset();
      replaceAll(std::exchange(draft_, {}));
    }
  }
}

}  // namespace qpq::command
