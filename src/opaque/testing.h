#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "opaque/client.h"
#include "opaque/ksf.h"
#include "opaque/server.h"

// For the tests of this room alone: what the RFCs' vectors need and the library does not contain, and short forms.
namespace qpq::opaque::testing {

// RFC 9807 Appendix C.
class IdentityKsf final: public Ksf {
 public:
  Result<Key> stretch(const Key& oprfOutput) const override { return oprfOutput.clone(); }
};

// Gives out what was queued, one entry a draw. A longer draw gets zeros behind the entry: a scalar is drawn as 64
// little-endian bytes to be reduced, so a queued scalar comes out as itself.
class QueuedRandom final: public Random {
 public:
  QueuedRandom(std::initializer_list<Bytes> draws): draws_(draws) {}
  void fill(ByteSpan out) override {
    if (draws_.empty() || draws_.front().size() > out.size()) throw std::logic_error("a draw nobody queued");
    auto rest = std::ranges::copy(draws_.front(), out.begin()).out;
    std::fill(rest, out.end(), uint8_t{0});
    draws_.pop_front();
  }
  bool empty() const { return draws_.empty(); }

 private:
  std::deque<Bytes> draws_;
};

inline SecretBytes secretText(std::string_view text) { return SecretBytes(asBytes(text)); }

// Argon2id through the product's code, at a cost a test can pay a thousand times.
inline Argon2id testKsf() { return *Argon2id::make(crypto::kArgon2CostTest, {.costMin = crypto::kArgon2CostTest}); }

// The whole of a registration, nobody in between.
inline Registered enroll(const ServerSetup& setup, std::string_view identifier, std::string_view password,
                         Random& random, const Parameters& parameters = {}) {
  auto client = ClientRegistration::start(secretText(password), random);
  auto response = respondToRegistration(setup, asBytes(identifier), client->request());
  return std::move(*client->finish(*response, testKsf(), random, parameters));
}

// JSON typed into a test, with its long hex broken over lines.
inline std::string withoutSpace(std::string_view text) {
  std::string joined(text);
  std::erase_if(joined, [](char c) { return c == ' ' || c == '\n'; });
  return joined;
}

// 32 bytes that are no element, or the one element nobody may send. ristretto255 has no points of low order; these are
// what is left of that family of attacks.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kBadElements{{
    {"the identity", "0000000000000000000000000000000000000000000000000000000000000000"},
    {"zero, written as p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"two to the 255 less 1", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"not below p", "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"an element with the top bit set", "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6"},
    {"not below p, with the top bit", "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    {"one, which is negative", "0100000000000000000000000000000000000000000000000000000000000000"},
    {"another negative", "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"x squared has no root", "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"},
    {"x times y is negative", "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e"},
    {"y is zero", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
}};

}  // namespace qpq::opaque::testing
