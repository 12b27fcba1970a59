#include "wire/inside/append_token.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

TEST_CASE("what a commit registers of an append token is its SHA-256") {
  CHECK(toHex(appendTokenHash(AppendToken(sample::hash(0x71)))) ==
        "3e441393404b2085e7a3090a47d377abb7a6db6ad6bbd006a2f92cc7f469e651");
}

}  // namespace
}  // namespace qpq::wire
