#include "wire/logs/admission.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;

LogEnvelope messageWith(mls::ContentType type, const Terms& terms) {
  mls::PrivateMessage message{
      .groupId = toBytes(sample::kLog.bytes), .contentType = type, .authenticatedData = encode(terms)};
  return LogEnvelope::parse(encode(Envelope{mls::MLSMessage{{}, {message}}}), sample::kLog).value();
}
LogEnvelope message() { return messageWith(mls::ContentType::application, sample::messageTerms()); }
LogEnvelope leave(const RosterEntry& leaver) {
  return messageWith(mls::ContentType::proposal, sample::leaveTerms(leaver));
}
LogEnvelope commit(CommitTerms terms) {
  return messageWith(mls::ContentType::commit, sample::commitTerms(std::move(terms), 3, 0));
}
LogEnvelope ask() {
  AskTBS tbs{.log = sample::kLog,
             .terms = {.id = sample::entryId(2), .body = ProposalTerms{}},
             .certificate = sample::certificate(1, 1, 3),
             .keyPackage = sample::keyPackage(1, 1)};
  return LogEnvelope::parse(encode(Envelope{sign(sample::deviceKey(1), tbs)}), sample::kLog).value();
}

Appender appender() { return {.device = entry(1, 1), .certificate = sample::certificate(1, 1, 3)}; }

TEST_CASE("whoever is on the roster may append") {
  Appender member = appender();
  member.isOnRoster = true;
  CHECK(checkSender(message(), member, 1));
  CHECK(checkSender(commit({}), member, 1));
  member.isOnRoster = false;
  member.accountIsOnRoster = true;
  member.isFounder = true;
  CHECK(refusal(checkSender(message(), member, 1)) == ErrorCode::senderNotOnRoster);
  CHECK(refusal(checkSender(commit({}), member, 1)) == ErrorCode::senderNotOnRoster);
  CHECK(refusal(checkSender(leave(entry(1, 1)), member, 1)) == ErrorCode::senderNotOnRoster);
}

TEST_CASE("a device takes only itself off the roster") {
  Appender member = appender();
  member.isOnRoster = true;
  CHECK(checkSender(leave(entry(1, 1)), member, 1));
  CHECK(refusal(checkSender(leave(entry(1, 2)), member, 1)) == ErrorCode::leaverDiffers);
  CHECK(refusal(checkSender(leave(entry(2, 1)), member, 1)) == ErrorCode::leaverDiffers);
}

TEST_CASE("any device of an account on the roster may ask, with the certificate the server holds for it") {
  Appender asking = appender();
  CHECK(refusal(checkSender(ask(), asking, 1)) == ErrorCode::senderNotOnRoster);
  asking.accountIsOnRoster = true;
  CHECK(checkSender(ask(), asking, 1));
  asking.certificate = sample::certificate(1, 1, 4);
  CHECK(refusal(checkSender(ask(), asking, 1)) == ErrorCode::otherCertificate);
  asking.certificate = sample::certificate(1, 2, 3);
  CHECK(refusal(checkSender(ask(), asking, 1)) == ErrorCode::otherCertificate);
}

TEST_CASE("a log begins with a commit of someone it belongs to, who puts himself on the roster") {
  Appender founder = appender();
  CommitTerms terms{.added = {entry(1, 1), entry(2, 1)}};
  CHECK(refusal(checkSender(commit(terms), founder, 0)) == ErrorCode::senderNotOnRoster);
  founder.isFounder = true;
  CHECK(checkSender(commit(terms), founder, 0));
  CHECK(refusal(checkSender(commit({.added = {entry(1, 2)}}), founder, 0)) == ErrorCode::creatorNotAdded);
  CHECK(refusal(checkSender(commit({}), founder, 0)) == ErrorCode::creatorNotAdded);
  CHECK(refusal(checkSender(message(), founder, 0)) == ErrorCode::firstNotCommit);
  CHECK(refusal(checkSender(leave(entry(1, 1)), founder, 0)) == ErrorCode::firstNotCommit);
  CHECK(refusal(checkSender(ask(), founder, 0)) == ErrorCode::firstNotCommit);
}

TEST_CASE("an entry is stored only while its sender has seen every commit") {
  CHECK(checkCommitsSeen(sample::messageTerms(1, 5), 5));
  CHECK(refusal(checkCommitsSeen(sample::messageTerms(1, 5), 4)) == ErrorCode::otherCommitsSeen);
  CHECK(refusal(checkCommitsSeen(sample::messageTerms(1, 5), 6)) == ErrorCode::otherCommitsSeen);
}

TEST_CASE("a direct log takes devices of its pair only") {
  Sorted<AccountId> pair = {sample::account(1), sample::account(2)};
  auto adding = [](Sorted<RosterEntry> added) { return sample::commitTerms({.added = std::move(added)}); };
  CHECK(checkAddedAccounts(adding({entry(1, 1), entry(2, 9)}), pair));
  CHECK(checkAddedAccounts(adding({}), pair));
  CHECK(checkAddedAccounts(sample::messageTerms(), pair));
  CHECK(refusal(checkAddedAccounts(adding({entry(1, 1), entry(3, 1)}), pair)) == ErrorCode::accountNotOfPair);
  CHECK(refusal(checkAddedAccounts(adding({entry(2, 1)}), {sample::account(1)})) == ErrorCode::accountNotOfPair);
}

TEST_CASE("a Welcome comes exactly with a commit that adds somebody else") {
  RosterEntry committer = entry(1, 1);
  auto adding = [](Sorted<RosterEntry> added) { return sample::commitTerms({.added = std::move(added)}); };
  CHECK(checkWelcome(adding({entry(1, 2)}), committer, 100));
  CHECK(checkWelcome(adding({entry(1, 1), entry(1, 2)}), committer, 100));
  CHECK(checkWelcome(adding({}), committer, std::nullopt));
  CHECK(checkWelcome(adding({committer}), committer, std::nullopt));  // a group of one
  CHECK(checkWelcome(sample::messageTerms(), committer, std::nullopt));
  CHECK(refusal(checkWelcome(adding({entry(1, 2)}), committer, std::nullopt)) == ErrorCode::welcomeMissing);
  CHECK(refusal(checkWelcome(adding({}), committer, 100)) == ErrorCode::welcomeUnexpected);
  CHECK(refusal(checkWelcome(adding({committer}), committer, 100)) == ErrorCode::welcomeUnexpected);
  CHECK(refusal(checkWelcome(sample::messageTerms(), committer, 100)) == ErrorCode::welcomeUnexpected);
  CHECK(refusal(checkWelcome(sample::leaveTerms(committer), committer, 100)) == ErrorCode::welcomeUnexpected);
}

TEST_CASE("a Welcome ends at 16 MiB") {
  Terms terms = sample::commitTerms({.added = {entry(1, 2)}});
  constexpr std::size_t kMax = 16 * 1024 * 1024;
  CHECK(checkWelcome(terms, entry(1, 1), kMax));
  CHECK(refusal(checkWelcome(terms, entry(1, 1), kMax + 1)) == ErrorCode::tooLarge);
  CHECK(refusal(checkWelcome(terms, entry(1, 1), SIZE_MAX)) == ErrorCode::tooLarge);
}

}  // namespace
}  // namespace qpq::wire
