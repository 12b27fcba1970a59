#pragma once

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/exact.h"

// What the known-answer tests of this room share.
namespace qpq::crypto {

inline Bytes hex(std::string_view digits) { return fromHex(digits).value(); }

template <std::size_t N>
Secret<N> secret(ByteView bytes) {
  return detail::exactSecret<N>(bytes).value();
}
template <std::size_t N>
Secret<N> secret(std::string_view digits) {
  return secret<N>(hex(digits));
}

// Hands out the bytes a vector names as its randomness, and throws when asked for more.
class ScriptedRandom final: public Random {
 public:
  explicit ScriptedRandom(ByteView script): script_(toBytes(script)) {}
  void fill(ByteSpan out) override {
    if (out.size() > script_.size() - used_) throw std::runtime_error("the script of randomness is at its end");
    std::ranges::copy(ByteView(script_).subspan(used_, out.size()), out.begin());
    used_ += out.size();
  }
  bool usedUp() const { return used_ == script_.size(); }

 private:
  Bytes script_;
  std::size_t used_ = 0;
};

}  // namespace qpq::crypto
