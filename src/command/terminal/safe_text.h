#pragma once

#include <string>
#include <string_view>

namespace qpq::command {

// What a terminal may be shown of a text that came from someone else. Anything that moves the cursor, changes colours
// or titles, reorders what is read (bidi controls) or hides itself becomes U+2426 ␦; bytes that are not UTF-8 become
// U+FFFD. Newlines stay newlines, tabs become spaces. Marks stacked on one character end at kCombiningMarksMax, so that
// a message cannot climb over its neighbours.
std::string safeText(std::string_view text);

// The same for one line: names, titles, previews. Newlines become U+23CE ⏎.
std::string safeLine(std::string_view text);

inline constexpr int kCombiningMarksMax = 4;

}  // namespace qpq::command
