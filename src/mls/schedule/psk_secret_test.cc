#include "mls/schedule/psk_secret.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::mls {
namespace {

using crypto::kSuiteX25519;

PreSharedKeyID external(Bytes id, Bytes nonce) {
  return {.psk = {ExternalPSK{std::move(id)}}, .pskNonce = std::move(nonce)};
}

TEST_CASE("no pre-shared key is Nh zeros") {
  CHECK(toHex(pskSecret(kSuiteX25519, {}).expose()) == std::string(64, '0'));
}

// psk_secret.json, cipher suite 1, one key.
TEST_CASE("known answer of one pre-shared key") {
  Bytes key = *fromHex("e0a059e7da3660c691b5accb5342a0940f0ac7ea4ae4c886186249698d845860");
  PskInput input{external(*fromHex("55c388e0e99fba6c1633d6b70c50ec3def72563aec7ce787847574bc27ed9d71"),
                          *fromHex("66b25bdc9086da6e266ed0828040d7a9547d20ddcfd2988d48113a10afb5a23d")),
                 key};
  CHECK(toHex(pskSecret(kSuiteX25519, std::span(&input, 1)).expose()) ==
        "aa6ee4e7ac86bec0a39c185ad88995e9b86eea9ecca113691090c53bcc86344c");
}

}  // namespace
}  // namespace qpq::mls
