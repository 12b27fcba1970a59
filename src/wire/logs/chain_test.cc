#include "wire/logs/chain.h"

#include "support/seeded_random.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

Hash hashOfText(std::string_view text) { return crypto::sha256(asBytes(text)); }

std::vector<ChainLink> sampleLinks() {
  return {{1, EntryKind::commit, sample::entryId(1), hashOfText("first"), hashOfText("welcome")},
          {2, EntryKind::message, sample::entryId(2), hashOfText("second"), noWelcome()},
          {3, EntryKind::proposal, sample::entryId(3), hashOfText("third"), noWelcome()}};
}

LogPlace placeAfter(const std::vector<ChainLink>& links) {
  LogPlace place = LogPlace::start(sample::kLog);
  for (const ChainLink& link : links) place = place.after(link).value();
  return place;
}

TEST_CASE("the chain has the heads another program computed") {
  LogPlace place = LogPlace::start(sample::kLog);
  CHECK(toHex(place.head) == "0d37da2e59a75b5e84b2474463df94090957d23b612cdbb7b9ed6c4816abe1ac");
  CHECK(place.claim() == Claim{0, place.head});
  auto links = sampleLinks();
  place = place.after(links[0]).value();
  CHECK(toHex(place.head) == "f125f228845dee42b7649a9bb40a78a4726ba41226400ac7652e74afce8b7082");
  CHECK(place.commits == 1);
  place = place.after(links[1]).value();
  CHECK(toHex(place.head) == "6e484331eb6e4c18911cbd64c8c7118e18d7ceb61f3596f7bd77f790b205db6a");
  CHECK(place.commits == 1);
  place = place.after(links[2]).value();
  CHECK(toHex(place.head) == "b75e5c7f4b0bcd3ad683573f4f1608ef024fe56550f90dc3c3b3d54473bae97e");
  CHECK(place.commits == 1);
  CHECK(place.claim() == Claim{3, place.head});
  CHECK(toHex(noWelcome()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("two logs have no head in common") {
  CHECK(LogPlace::start(sample::kLog).head != LogPlace::start(sample::idOf<LogId>(0x11)).head);
}

TEST_CASE("whatever differs in any entry, every later head differs") {
  const auto links = sampleLinks();
  const Hash head = placeAfter(links).head;
  for (std::size_t i = 0; i < links.size(); ++i) {
    auto changed = links;
    changed[i].kind = changed[i].kind == EntryKind::message ? EntryKind::proposal : EntryKind::message;
    CHECK(placeAfter(changed).head != head);
    changed = links;
    changed[i].id.bytes[15] ^= 1;
    CHECK(placeAfter(changed).head != head);
    changed = links;
    changed[i].envelope[31] ^= 1;
    CHECK(placeAfter(changed).head != head);
    changed = links;
    changed[i].welcome[31] ^= 1;
    CHECK(placeAfter(changed).head != head);
  }
  CHECK(placeAfter({links[0], links[1]}).head != head);
}

TEST_CASE("an entry follows only the one before it") {
  const auto links = sampleLinks();
  LogPlace place = placeAfter({links[0]});
  for (uint64_t seq : {uint64_t{0}, uint64_t{1}, uint64_t{3}, UINT64_MAX}) {
    ChainLink link = links[1];
    link.seq = seq;
    CHECK(refusal(place.after(link)) == ErrorCode::chainGap);
  }
  CHECK(place.after(links[1]));
  place.seq = UINT64_MAX;  // as a hostile signed head may say
  ChainLink wrapped = links[1];
  wrapped.seq = 0;
  CHECK(refusal(place.after(wrapped)) == ErrorCode::chainGap);
}

TEST_CASE("commits are counted, other entries not") {
  test::SeededRandom random(1);
  LogPlace place = LogPlace::start(sample::kLog);
  uint64_t commits = 0;
  for (uint64_t seq = 1; seq <= 300; ++seq) {
    auto kind = static_cast<EntryKind>(1 + random.below(3));
    if (kind == EntryKind::commit) ++commits;
    place = place.after({seq, kind, EntryId::random(random), random.bytes<32>(), noWelcome()}).value();
    CHECK(place.seq == seq);
    CHECK(place.commits == commits);
  }
}

TEST_CASE("a claim agrees, is of another history, is unknown, or cannot be") {
  const Hash mine = sample::hash(1);
  const Hash other = sample::hash(2);
  auto verdict = [](Claim claim, uint64_t ownSeq, std::optional<Hash> known) {
    return judgeClaim(sample::kLog, claim, ownSeq, known);
  };
  CHECK(verdict({4, mine}, 5, mine) == ClaimVerdict::agrees);
  CHECK(verdict({4, other}, 5, mine) == ClaimVerdict::otherHistory);
  CHECK(verdict({4, other}, 5, std::nullopt) == ClaimVerdict::notKnown);
  CHECK(verdict({5, mine}, 5, mine) == ClaimVerdict::notBelowOwnPlace);
  CHECK(verdict({6, mine}, 5, mine) == ClaimVerdict::notBelowOwnPlace);
  CHECK(verdict({UINT64_MAX, mine}, 5, std::nullopt) == ClaimVerdict::notBelowOwnPlace);
}

TEST_CASE("everyone knows the head at 0") {
  const Hash start = LogPlace::start(sample::kLog).head;
  CHECK(judgeClaim(sample::kLog, {0, start}, 1, std::nullopt) == ClaimVerdict::agrees);
  CHECK(judgeClaim(sample::kLog, {0, Hash{}}, 1, std::nullopt) == ClaimVerdict::otherHistory);
  CHECK(judgeClaim(sample::kLog, {0, start}, 0, std::nullopt) == ClaimVerdict::notBelowOwnPlace);
}

}  // namespace
}  // namespace qpq::wire
