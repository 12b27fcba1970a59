#pragma once

#include <string>
#include <string_view>

#include "wire/error.h"

namespace qpq::wire {

// A name a user is found by: 1 to 64 of the ASCII letters, digits and "._-", beginning with a letter or digit. Two
// names are the same if they differ in case only. With ASCII alone no name can be mistaken for another that looks like
// it (Cyrillic "а", Greek "ο"), and every program folds alike whatever Unicode version it knows.
class UserName {
 public:
  // nameLength, nameCharacter (index: the first byte that does not belong).
  static Result<UserName> parse(std::string_view text);

  const std::string& text() const { return text_; }      // as its owner writes it
  const std::string& folded() const { return folded_; }  // as it is looked up: ASCII lower case
  bool operator==(const UserName& other) const { return folded_ == other.folded_; }

 private:
  explicit UserName(std::string_view text);
  std::string text_;
  std::string folded_;
};

}  // namespace qpq::wire
