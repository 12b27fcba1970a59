#include "wire/logs/admission.h"

#include <algorithm>

#include "wire/limits.h"

namespace qpq::wire {

namespace {

// A log begins with a commit of someone it belongs to, which puts the committer's own device on the roster.
Result<void> checkFounder(const LogEnvelope& envelope, const Appender& appender) {
  if (!appender.isFounder) return fail(ErrorCode::senderNotOnRoster);
  const CommitTerms* commit = envelope.terms().commit();
  if (commit == nullptr) return fail(ErrorCode::firstNotCommit);
  if (!commit->added.contains(appender.device)) return fail(ErrorCode::creatorNotAdded);
  return {};
}

}  // namespace

Result<void> checkSender(const LogEnvelope& envelope, const Appender& appender, uint64_t commits) {
  if (commits == 0) return checkFounder(envelope, appender);
  if (const VerifiedAsk* ask = envelope.ask()) {
    if (!appender.accountIsOnRoster) return fail(ErrorCode::senderNotOnRoster);
    if (ask->certificate().certificate() != appender.certificate) return fail(ErrorCode::otherCertificate);
    return {};
  }
  if (!appender.isOnRoster) return fail(ErrorCode::senderNotOnRoster);
  auto leaver = envelope.terms().leaver();
  if (leaver && *leaver != appender.device) return fail(ErrorCode::leaverDiffers);
  return {};
}

Result<void> checkCommitsSeen(const Terms& terms, uint64_t commits) {
  if (terms.commitsSeen != commits) return fail(ErrorCode::otherCommitsSeen);
  return {};
}

Result<void> checkAddedAccounts(const Terms& terms, const Sorted<AccountId>& pair) {
  const CommitTerms* commit = terms.commit();
  if (commit == nullptr) return {};
  bool allOfPair = std::ranges::all_of(commit->added, [&](const auto& added) { return pair.contains(added.account); });
  if (!allOfPair) return fail(ErrorCode::accountNotOfPair);
  return {};
}

Result<void> checkWelcome(const Terms& terms, const RosterEntry& committer, std::optional<std::size_t> welcomeSize) {
  const CommitTerms* commit = terms.commit();
  bool addsOthers =
      commit != nullptr && std::ranges::any_of(commit->added, [&](const auto& added) { return added != committer; });
  if (addsOthers && !welcomeSize) return fail(ErrorCode::welcomeMissing);
  if (!addsOthers && welcomeSize) return fail(ErrorCode::welcomeUnexpected);
  if (welcomeSize && *welcomeSize > kUploadSizeMax) return fail(ErrorCode::tooLarge);
  return {};
}

}  // namespace qpq::wire
