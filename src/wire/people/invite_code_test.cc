#include "wire/people/invite_code.h"

#include <catch2/catch_test_macros.hpp>

#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::wire;

namespace {
std::string textOf(const InviteCode& code) { return std::string(asText(code.text().expose())); }
}  // namespace

TEST_CASE("an invite code is written, typed and sent, and stays the same code") {
  test::SeededRandom random(1);
  InviteCode code = InviteCode::random(random);
  std::string text = textOf(code);
  CHECK(text.size() == 38);
  CHECK(text.starts_with(code.prefix() + "-"));
  auto typed = InviteCode::parse(asBytes(text));
  REQUIRE(typed);
  CHECK(typed->hash() == code.hash());
  auto sent = InviteCode::fromBytes(code.expose());
  REQUIRE(sent);
  CHECK(textOf(*sent) == text);
  CHECK(InviteCode::random(random).hash() != code.hash());
}

TEST_CASE("the hash of an invite code is that of its label and its bytes") {
  auto code = InviteCode::fromBytes(Bytes(kInviteCodeSize, 7));
  CHECK(code->hash() == crypto::sha256({asBytes("qpq 1 invite"), Bytes(kInviteCodeSize, 7)}));
  CHECK(textOf(*code) == "0W3GE-1R70W-3GE1R-70W3G-E1R70-W3GE1-R7");
}

TEST_CASE("what is no invite code is none") {
  for (const char* text : {"", "0W3GE", "0W3GE-1R70W-3GE1R-70W3G-E1R70-W3GE1",
                           "0W3GE-1R70W-3GE1R-70W3G-E1R70-W3GE1-R70", "0W3GE-1R70W-3GE1R-70W3G-E1R70-W3GE1-RU"}) {
    INFO(text);
    CHECK(!InviteCode::parse(asBytes(text)));
  }
  for (std::size_t size : {0U, 19U, 21U}) CHECK(!InviteCode::fromBytes(Bytes(size)));
}

TEST_CASE("a prefix is known again however it is typed") {
  CHECK(invitePrefix("0W3GE") == "0W3GE");
  CHECK(invitePrefix("ow3ge-1r70w-3ge1r-70w3g-e1r70-w3ge1-r7") == "0W3GE");
  CHECK(!invitePrefix("0W3G"));
  CHECK(!invitePrefix("0W3G-"));
  CHECK(!invitePrefix("0W3GU"));
}
