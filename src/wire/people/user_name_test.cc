#include "wire/people/user_name.h"

#include <string>

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

TEST_CASE("a name is kept as it was written and found whatever its case") {
  auto name = UserName::parse("Al.ice_B-42");
  REQUIRE(name);
  CHECK(name->text() == "Al.ice_B-42");
  CHECK(name->folded() == "al.ice_b-42");
  CHECK(*name == UserName::parse("aL.ICE_b-42"));
  CHECK_FALSE(*name == *UserName::parse("alice_b-42"));
  CHECK(UserName::parse("AZ09az")->folded() == "az09az");
}

TEST_CASE("a name has 1 to 64 bytes") {
  CHECK(refusal(UserName::parse("")) == ErrorCode::nameLength);
  CHECK(UserName::parse("x"));
  CHECK(UserName::parse(std::string(64, 'x')));
  CHECK(refusal(UserName::parse(std::string(65, 'x'))) == ErrorCode::nameLength);
  CHECK(refusal(UserName::parse(std::string(1 << 20, 'x'))) == ErrorCode::nameLength);
}

TEST_CASE("of all bytes only ASCII letters, digits and ._- stand in a name, and it begins with a letter or digit") {
  for (int value = 0; value < 256; ++value) {
    auto c = static_cast<char>(value);
    bool isAlnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    bool isInside = isAlnum || c == '.' || c == '_' || c == '-';
    INFO(value);
    CHECK(UserName::parse(std::string{'a', c, 'b'}).has_value() == isInside);
    CHECK(UserName::parse(std::string{c, 'b'}).has_value() == isAlnum);
  }
}

TEST_CASE("a refused character is named by its place") {
  CHECK(UserName::parse("ab c").error() == Error(ErrorCode::nameCharacter, 2));
  CHECK(UserName::parse("-rf").error() == Error(ErrorCode::nameCharacter, 0));
  CHECK(UserName::parse("..").error() == Error(ErrorCode::nameCharacter, 0));
  CHECK(UserName::parse("p\xd0\xb0ul").error() == Error(ErrorCode::nameCharacter, 1));  // a Cyrillic letter
  CHECK(UserName::parse(std::string_view("a\0b", 3)).error() == Error(ErrorCode::nameCharacter, 1));
}

}  // namespace
}  // namespace qpq::wire
