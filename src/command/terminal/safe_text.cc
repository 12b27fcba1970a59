#include "command/terminal/safe_text.h"

#include "command/terminal/utf8.h"

namespace qpq::command {

namespace {

constexpr char32_t kHidden = 0x2426;       // ␦ symbol for substitute form two
constexpr char32_t kReplacement = 0xFFFD;  // not UTF-8
constexpr char32_t kReturn = 0x23CE;       // ⏎

bool within(char32_t value, char32_t first, char32_t last) { return value >= first && value <= last; }

bool isControl(char32_t value) { return value < 0x20 || within(value, 0x7F, 0x9F); }

// Characters that change how their neighbours are ordered or are themselves invisible. U+200D (joiner) and U+FE0F stay:
// emoji are built with them, and they change nothing else.
bool isDeceptive(char32_t value) {
  return value == 0x061C || value == 0x180E || within(value, 0x200B, 0x200C) || within(value, 0x200E, 0x200F) ||
         within(value, 0x2028, 0x202E) || within(value, 0x2060, 0x206F) || value == 0xFEFF ||
         within(value, 0xFFF0, 0xFFFC) || within(value, 0xE0000, 0xE0FFF) || value == 0x00AD || value == 0x115F ||
         value == 0x1160 || value == 0x3164 || value == 0xFFA0;
}

bool isCombiningMark(char32_t value) {
  return within(value, 0x0300, 0x036F) || within(value, 0x0483, 0x0489) || within(value, 0x0591, 0x05BD) ||
         within(value, 0x0610, 0x061A) || within(value, 0x064B, 0x065F) || within(value, 0x0E31, 0x0E3A) ||
         within(value, 0x0E47, 0x0E4E) || within(value, 0x1AB0, 0x1AFF) || within(value, 0x1DC0, 0x1DFF) ||
         within(value, 0x20D0, 0x20FF) || within(value, 0xFE20, 0xFE2F);
}

std::string safe(std::string_view text, char32_t newline) {
  std::string out;
  out.reserve(text.size());
  int marks = 0;
  while (!text.empty()) {
    CodePoint point = firstCodePoint(text);
    text.remove_prefix(point.size);
    if (!point.valid) {
      appendUtf8(out, kReplacement);
      continue;
    }
    marks = isCombiningMark(point.value) ? marks + 1 : 0;
    if (marks > kCombiningMarksMax) continue;
    if (point.value == '\n') {
      appendUtf8(out, newline);
    } else if (point.value == '\t') {
      out += "    ";
    } else if (isControl(point.value) || isDeceptive(point.value)) {
      appendUtf8(out, kHidden);
    } else {
      appendUtf8(out, point.value);
    }
  }
  return out;
}

}  // namespace

std::string safeText(std::string_view text) { return safe(text, '\n'); }
std::string safeLine(std::string_view text) { return safe(text, kReturn); }

}  // namespace qpq::command
