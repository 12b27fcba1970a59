#include "wire/sign.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

constexpr SignLabel kLabels[] = {SignLabel::certificate, SignLabel::devices, SignLabel::resume, SignLabel::server,
                                 SignLabel::ask,         SignLabel::receipt, SignLabel::head,   SignLabel::ephemeral};

TEST_CASE("a signature covers the label with its prefix and the content, each behind its length") {
  auto key = sample::key(1);
  Bytes content = {0xaa, 0xbb};
  Bytes expected = concat({Bytes{9}, asBytes("qpq 1 ask"), Bytes{2}, content});
  CHECK(signLabelled(key, SignLabel::ask, content) == key.sign(expected));
  // Long contents take the longer length header of RFC 9420 §2.1.2.
  Bytes longer(64, 0xcc);
  expected = concat({Bytes{10}, asBytes("qpq 1 head"), Bytes{0x40, 0x40}, longer});
  CHECK(signLabelled(key, SignLabel::head, longer) == key.sign(expected));
}

TEST_CASE("a signature verifies for its own label, content and key only") {
  auto key = sample::key(1);
  Bytes content = {0xaa, 0xbb};
  std::set<std::string> texts;
  for (SignLabel made : kLabels) {
    texts.insert(std::string(text(made)));
    Signature signature = signLabelled(key, made, content);
    for (SignLabel asked : kLabels) {
      CHECK(verifyLabelled(key.publicKey(), asked, content, signature) == (made == asked));
    }
    CHECK_FALSE(verifyLabelled(key.publicKey(), made, Bytes{0xaa}, signature));
    CHECK_FALSE(verifyLabelled(sample::key(2).publicKey(), made, content, signature));
    signature[0] ^= 1;
    CHECK_FALSE(verifyLabelled(key.publicKey(), made, content, signature));
  }
  CHECK(texts ==
        std::set<std::string>{"certificate", "devices", "resume", "server", "ask", "receipt", "head", "ephemeral"});
}

}  // namespace
}  // namespace qpq::wire
