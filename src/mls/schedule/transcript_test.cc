#include "mls/schedule/transcript.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/schedule/key_schedule.h"
#include "support/vectors.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteX25519;
using test::Json;

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

TEST_CASE("transcript-hashes.json") {
  auto file = test::VectorFile::open("mls/transcript-hashes.json");
  if (!file) return;
  for (const Json& c : file->json().items()) {
    const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(c["cipher_suite"].number()));
    if (suite == nullptr) continue;
    auto content = decode<AuthenticatedContent>(c["authenticated_content"].hex()).value();
    REQUIRE(content.content.content.type() == ContentType::commit);
    Bytes confirmed = confirmedTranscriptHash(*suite, c["interim_transcript_hash_before"].hex(), content);
    CHECK(confirmed == c["confirmed_transcript_hash_after"].hex());
    CHECK(confirmationTag(*suite, c["confirmation_key"].hex(), confirmed) == content.auth.confirmationTag);
    CHECK(interimTranscriptHash(*suite, confirmed, content.auth.confirmationTag) ==
          c["interim_transcript_hash_after"].hex());
    file->verified();
  }
}

}  // namespace
}  // namespace qpq::mls
