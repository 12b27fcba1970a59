#include "mls/schedule/key_schedule.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/message/group_info.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteX25519;
using crypto::kSuiteXWing;

std::string hex(const SecretBytes& secret) { return toHex(secret.expose()); }

// key-schedule.json, cipher suite 1, first epoch.
TEST_CASE("known answers of the key schedule") {
  Bytes init = *fromHex("a897b53575b4dd35fed4466e4e714bfa949eaa72e616a9c68a47b39cb7a60d2e");
  Bytes commit = *fromHex("a22606222e350fd7f0937168fe7548fb06626ab143cba7611d641693b1447509");
  Bytes psk = *fromHex("e871b247379522395689182736cb3d1e7b108d6ae934b802223975de8dc3f80b");
  Bytes context = *fromHex(
      "0001000120a897b53575b4dd35fed4466e4e714bfa949eaa72e616a9c68a47b39cb7a60d2e0000000000000000"
      "209769e302a99c457350a8e636009b12a2fee068664004606d6318eb3a1977d818"
      "205e57c9364dc71f0f71b19ffe561ab77257c490708a47e29f8f73f2b318201d2f00");
  SecretBytes joiner = joinerSecret(kSuiteX25519, init, commit, context);
  CHECK(hex(joiner) == "4fb996ba26b29a70f3ce6c310151ce8701cb812d027f4d4bbf5cc4e9f884638d");
  CHECK(hex(welcomeSecret(kSuiteX25519, joiner.expose(), psk)) ==
        "ddcd9ced2d264798f876cbd00a200cdc4d77311dfef96975257efb66b0ef2c4d");
  EpochSecrets secrets =
      deriveEpochSecrets(kSuiteX25519, epochSecret(kSuiteX25519, joiner.expose(), psk, context).expose());
  CHECK(hex(secrets.epochAuthenticator) == "7375d449cde2c5a856c13c8eb52c16bf9ef29eceef59b09d1f946bd1bac24643");
  CHECK(hex(secrets.initSecret) == "505be2ce2ff922aa11e0a03d76346dda2981f1d9edf5cf98ecfc8757f69b00c9");
}

TEST_CASE("an exported secret depends on label and context, and its length is bounded") {
  Bytes exporter(48, 1);
  auto secret = [&](std::string_view label, std::string_view context, std::size_t length) {
    return exportSecret(kSuiteXWing, exporter, label, asBytes(context), length);
  };
  CHECK(hex(secret("a", "c", 32).value()) != hex(secret("b", "c", 32).value()));
  CHECK(hex(secret("a", "c", 32).value()) != hex(secret("a", "d", 32).value()));
  CHECK(secret("a", "c", std::size_t{255} * 48).value().size() == std::size_t{255} * 48);
  CHECK(secret("a", "c", std::size_t{255} * 48 + 1).error() == Error(ErrorCode::cryptoFailure));
  CHECK_FALSE(secret("a", "c", 1 << 16));
  CHECK_FALSE(secret("a", "c", std::size_t{1} << 32));
}

}  // namespace
}  // namespace qpq::mls
