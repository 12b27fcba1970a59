#include "command/terminal/keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "command/terminal/utf8.h"

namespace qpq::command {

namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kPasteStart = "\x1b[200~";
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr std::size_t kSequenceBytesMax = 32;  // longer ones are no key of any terminal

std::optional<Key> controlKey(char byte) {
  switch (byte) {
    case '\r':
    case '\n': return Key::enter;
    case '\t': return Key::tab;
    case 0x7f:
    case 0x08: return Key::backspace;
    case 0x01: return Key::home;
    case 0x02: return Key::left;
    case 0x03: return Key::interrupt;
    case 0x04: return Key::endOfInput;
    case 0x05: return Key::end;
    case 0x06: return Key::right;
    case 0x0b: return Key::killToEnd;
    case 0x0c: return Key::clearScreen;
    case 0x0e: return Key::down;
    case 0x10: return Key::up;
    case 0x15: return Key::killToStart;
    case 0x17: return Key::killWordLeft;
    case 0x19: return Key::yank;
    default: return std::nullopt;
  }
}

struct Sequence {
  std::string_view body;  // after ESC
  Key key;
};
constexpr std::array kSequences = {
    Sequence{"[A", Key::up},           Sequence{"OA", Key::up},           Sequence{"[B", Key::down},
    Sequence{"OB", Key::down},         Sequence{"[C", Key::right},        Sequence{"OC", Key::right},
    Sequence{"[D", Key::left},         Sequence{"OD", Key::left},         Sequence{"[H", Key::home},
    Sequence{"OH", Key::home},         Sequence{"[1~", Key::home},        Sequence{"[7~", Key::home},
    Sequence{"[F", Key::end},          Sequence{"OF", Key::end},          Sequence{"[4~", Key::end},
    Sequence{"[8~", Key::end},         Sequence{"[3~", Key::deleteRight}, Sequence{"[Z", Key::backTab},
    Sequence{"[1;5C", Key::wordRight}, Sequence{"[1;3C", Key::wordRight}, Sequence{"[1;5D", Key::wordLeft},
    Sequence{"[1;3D", Key::wordLeft}};

std::optional<KeyPress> altKey(char byte) {
  switch (byte) {
    case '\r':
    case '\n': return KeyPress{Key::newline, {}};
    case 'b': return KeyPress{Key::wordLeft, {}};
    case 'f': return KeyPress{Key::wordRight, {}};
    case 'a': return KeyPress{Key::nextUnread, {}};
    case 0x7f: return KeyPress{Key::killWordLeft, {}};
    default: break;
  }
  if (byte >= '1' && byte <= '9') return KeyPress{Key::jump, std::string(1, byte)};
  return std::nullopt;
}

}  // namespace

std::vector<KeyPress> KeyReader::feed(std::string_view bytes) {
  rest_.append(bytes);
  std::vector<KeyPress> presses;
  while (!rest_.empty() && (pasting_ ? pasted(presses) : next(presses))) {}
  return presses;
}

std::vector<KeyPress> KeyReader::settle() {
  std::vector<KeyPress> presses;
  if (pending()) {
    if (rest_ == std::string_view(&kEscape, 1)) presses.push_back({Key::escape, {}});
    rest_.clear();
  }
  return presses;
}

// Takes one key off the front; false if more bytes are needed.
bool KeyReader::next(std::vector<KeyPress>& presses) {
  if (rest_[0] == kEscape) return escape(presses);
  if (auto key = controlKey(rest_[0])) {
    take(1);
    presses.push_back({*key, {}});
    return true;
  }
  CodePoint point = firstCodePoint(rest_);
  if (!point.valid && rest_.size() < 4 && static_cast<uint8_t>(rest_[0]) >= 0xC2) {
    // Possibly a character whose end has not arrived: wait for it as long as what is here could still begin one.
    bool continues = std::all_of(rest_.begin() + 1, rest_.end(), [](char c) { return (c & 0xC0) == 0x80; });
    std::size_t announced = static_cast<uint8_t>(rest_[0]) < 0xE0 ? 2 : static_cast<uint8_t>(rest_[0]) < 0xF0 ? 3 : 4;
    if (continues && rest_.size() < announced) return false;
  }
  take(point.size);
  if (point.valid && point.value < 0x20) return true;  // a control character that is no key
  std::string text;
  appendUtf8(text, point.value);
  presses.push_back({Key::text, std::move(text)});
  return true;
}

bool KeyReader::escape(std::vector<KeyPress>& presses) {
  if (rest_.size() == 1) return false;
  if (rest_[1] == '[' || rest_[1] == 'O') return sequence(presses);
  if (rest_[1] == kEscape) {
    take(1);
    presses.push_back({Key::escape, {}});
    return true;
  }
  auto press = altKey(rest_[1]);
  take(2);
  if (press) presses.push_back(std::move(*press));
  return true;
}

// ECMA-48 §5.4: ESC [ parameters, then a final byte from @ to ~. ESC O takes exactly one more byte.
bool KeyReader::sequence(std::vector<KeyPress>& presses) {
  if (rest_.starts_with(kPasteStart)) {
    take(kPasteStart.size());
    pasting_ = true;
    return true;
  }
  auto final = std::find_if(rest_.begin() + 2, rest_.end(), [](char c) { return c >= '@' && c <= '~'; });
  if (final == rest_.end()) {
    if (rest_.size() <= kSequenceBytesMax) return false;
    rest_.clear();
    return false;
  }
  auto size = static_cast<std::size_t>(final - rest_.begin()) + 1;
  std::string_view body = std::string_view(rest_).substr(1, size - 1);
  auto known = std::ranges::find(kSequences, body, &Sequence::body);
  if (known != kSequences.end()) presses.push_back({known->key, {}});
  take(size);
  return true;
}

bool KeyReader::pasted(std::vector<KeyPress>& presses) {
  auto append = [this](std::string_view part) {
    pasted_.append(part.substr(0, kPasteBytesMax - std::min(kPasteBytesMax, pasted_.size())));
  };
  std::size_t end = rest_.find(kPasteEnd);
  if (end == std::string::npos) {
    // The end mark may be cut in two: keep as much of the tail as could be its beginning.
    std::size_t keep = std::min(rest_.size(), kPasteEnd.size() - 1);
    append(std::string_view(rest_).substr(0, rest_.size() - keep));
    take(rest_.size() - keep);
    return false;
  }
  append(std::string_view(rest_).substr(0, end));
  take(end + kPasteEnd.size());
  pasting_ = false;
  std::ranges::replace(pasted_, '\r', '\n');
  presses.push_back({Key::paste, std::exchange(pasted_, {})});
  return true;
}

}  // namespace qpq::command
