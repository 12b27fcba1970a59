#include "mls/schedule/transcript.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/schedule/key_schedule.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteX25519;

AuthenticatedContent commit(Bytes signature, Bytes tag) {
  return {.wireFormat = WireFormat::privateMessage,
          .content = {.groupId = {1}, .epoch = {2}, .sender = {MemberSender{}}, .content = {Commit{}}},
          .auth = {std::move(signature), std::move(tag)}};
}

TEST_CASE("the confirmed hash covers the signature and what came before, the interim hash the confirmation tag") {
  Bytes before(32, 1);
  Bytes confirmed = confirmedTranscriptHash(kSuiteX25519, before, commit({1}, {2}));
  CHECK(confirmed.size() == 32);
  CHECK(confirmed == confirmedTranscriptHash(kSuiteX25519, before, commit({1}, {3})));
  CHECK(confirmed != confirmedTranscriptHash(kSuiteX25519, before, commit({2}, {2})));
  CHECK(confirmed != confirmedTranscriptHash(kSuiteX25519, {}, commit({1}, {2})));
  CHECK(interimTranscriptHash(kSuiteX25519, confirmed, Bytes{2}) !=
        interimTranscriptHash(kSuiteX25519, confirmed, Bytes{3}));
}

}  // namespace
}  // namespace qpq::mls
