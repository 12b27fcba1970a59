#include "wire/people/user_name.h"

#include <algorithm>

#include "wire/limits.h"

namespace qpq::wire {

namespace {

// The functions of <cctype> follow the locale.
bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLetterOrDigit(char c) { return isUpper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool isPunctuation(char c) { return c == '.' || c == '_' || c == '-'; }
char folded(char c) { return isUpper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

UserName::UserName(std::string_view text): text_(text), folded_(text) {
  std::ranges::transform(folded_, folded_.begin(), wire::folded);
}

Result<UserName> UserName::parse(std::string_view text) {
  if (text.empty() || text.size() > kUserNameSizeMax) return fail(ErrorCode::nameLength);
  for (std::size_t i = 0; i < text.size(); ++i) {
    // A name that begins with "-" would read as an option on a command line, "." and ".." as folders.
    if (!isLetterOrDigit(text[i]) && (i == 0 || !isPunctuation(text[i]))) return fail(ErrorCode::nameCharacter, i);
  }
  return UserName(text);
}

}  // namespace qpq::wire
