#include "wire/inside/policy.h"

#include "wire/logs/roster.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::account;
using sample::entry;
using sample::refusal;
using sample::verified;

constexpr auto kAdd = mls::ProposalType::add;
constexpr auto kRemove = mls::ProposalType::remove;
constexpr auto kExtensions = mls::ProposalType::groupContextExtensions;

const RosterEntry kAlice = entry(1, 1);  // owner, also with device 2
const RosterEntry kAlicesLaptop = entry(1, 2);
const RosterEntry kBob = entry(2, 3);    // admin
const RosterEntry kCarol = entry(3, 4);  // member, also with device 5
const RosterEntry kCarolsLaptop = entry(3, 5);
const RosterEntry kDave = entry(4, 6);  // member
const RosterEntry kEve = entry(5, 7);   // not in the group

VerifiedCertificate certificateOf(const RosterEntry& device) {
  return verified(static_cast<uint8_t>(device.account.bytes[0] - 0xa0),
                  static_cast<uint8_t>(device.device.bytes[0] - 0xd0));
}
std::vector<VerifiedCertificate> certificatesOf(const Sorted<RosterEntry>& devices) {
  std::vector<VerifiedCertificate> certificates;
  for (const RosterEntry& device : devices) certificates.push_back(certificateOf(device));
  return certificates;
}
VerifiedCertificate impostor(const RosterEntry& device) {
  CertificateTBS tbs = certificateOf(device).certificate().tbs;
  tbs.accountKey = sample::key(0x66).publicKey();
  return VerifiedCertificate::check(sign(sample::key(0x66), tbs)).value();
}

EpochState group() {
  Conversation conversation = newGroup(account(1), {});
  conversation.roles.set({account(2), Role::admin});
  return {.log = sample::kLog,
          .conversation = conversation,
          .leaves = Leaves::check(certificatesOf({kAlice, kAlicesLaptop, kBob, kCarol, kCarolsLaptop, kDave})).value()};
}

// A commit and the epoch it is judged by. Its terms are honest unless a test spoils them.
struct Attempt {
  EpochState before = group();
  Sorted<RosterEntry> leaving;
  CommitChange change;
  Sorted<DeviceList> evidence;
  uint64_t commitsSeen = 5;

  explicit Attempt(const RosterEntry& committer) { change.committer = committer; }
  Attempt& add(const RosterEntry& device) { return add(certificateOf(device)); }
  Attempt& add(const VerifiedCertificate& leaf) {
    change.added.push_back(leaf);
    change.proposals.push_back(kAdd);
    return *this;
  }
  Attempt& remove(const RosterEntry& device) {
    change.removed.set(device);
    change.proposals.push_back(kRemove);
    return *this;
  }
  Attempt& cover(const RosterEntry& leaver) {
    change.left.set(leaver);
    change.proposals.push_back(mls::ProposalType::selfRemove);
    return *this;
  }
  Attempt& set(const Conversation& conversation) { return set(encode(conversation)); }
  Attempt& set(Bytes conversation) {
    change.conversation = std::move(conversation);
    change.proposals.push_back(kExtensions);
    return *this;
  }
  Attempt& showing(const DeviceList& list) {
    evidence.set(list);
    return *this;
  }

  Terms terms() const {
    std::vector<RosterEntry> after;
    for (const RosterEntry& leaf : before.leaves.entries()) {
      if (!change.removed.contains(leaf) && !change.left.contains(leaf)) after.push_back(leaf);
    }
    std::vector<RosterEntry> added;
    for (const VerifiedCertificate& leaf : change.added) added.push_back(leaf.entry());
    after.insert(after.end(), added.begin(), added.end());
    if (commitsSeen == 0) added.push_back(change.committer);
    return sample::commitTerms({.removed = change.removed,
                                .added = added,
                                .rosterAfter = Roster{before.log, after}.hash(),
                                .evidence = evidence},
                               3, commitsSeen);
  }
  Result<NextEpoch> judged() const { return judge(before, leaving, change, terms()); }
  std::optional<ErrorCode> refused() const { return refusal(judged()); }
};

TEST_CASE("an empty commit of any member is allowed and changes nobody") {
  for (const RosterEntry& committer : {kAlice, kBob, kCarol}) {
    auto next = Attempt(committer).judged();
    REQUIRE(next);
    CHECK(next->leaves == group().leaves);
    CHECK(next->conversation == group().conversation);
  }
}

TEST_CASE("a commit comes from a leaf of the tree") { CHECK(Attempt(kEve).refused() == ErrorCode::unknownLeaf); }

TEST_CASE("owners and admins add and remove accounts, members do not") {
  for (const RosterEntry& committer : {kAlice, kBob}) {
    CHECK(Attempt(committer).add(kEve).refused() == std::nullopt);
    CHECK(Attempt(committer).remove(kDave).refused() == std::nullopt);
    CHECK(Attempt(committer).add(kEve).remove(kDave).refused() == std::nullopt);
  }
  CHECK(Attempt(kCarol).add(kEve).refused() == ErrorCode::addNotAllowed);
  CHECK(Attempt(kCarol).remove(kDave).refused() == ErrorCode::removeNotAllowed);
  CHECK(Attempt(kCarol).remove(kBob).refused() == ErrorCode::removeNotAllowed);
  CHECK(Attempt(kCarol).remove(kAlice).refused() == ErrorCode::removeNotAllowed);
}

TEST_CASE("the first breach is named by its place") {
  CHECK(Attempt(kCarol).add(entry(4, 8)).add(kEve).judged().error() == Error(ErrorCode::addNotAllowed, 1));
  CHECK(Attempt(kCarol).remove(kCarolsLaptop).remove(kDave).judged().error() == Error(ErrorCode::removeNotAllowed, 1));
}

TEST_CASE("an owner's devices are removed by owners only") {
  CHECK(Attempt(kBob).remove(kAlice).refused() == ErrorCode::removesOwner);
  CHECK(Attempt(kBob).remove(kAlicesLaptop).refused() == ErrorCode::removesOwner);
  Attempt byOwner(kDave);
  byOwner.before.conversation.roles.set({account(4), Role::owner});
  CHECK(byOwner.remove(kAlice).remove(kAlicesLaptop).refused() == std::nullopt);
  CHECK(Attempt(kAlice).remove(kBob).refused() == std::nullopt);
  Attempt byAdmin(kDave);
  byAdmin.before.conversation.roles.set({account(4), Role::admin});
  CHECK(byAdmin.remove(kBob).refused() == std::nullopt);
}

TEST_CASE("any member adds and removes devices of its own account") {
  CHECK(Attempt(kCarol).add(entry(3, 8)).refused() == std::nullopt);
  CHECK(Attempt(kCarol).remove(kCarolsLaptop).refused() == std::nullopt);
  CHECK(Attempt(kCarol).remove(kCarolsLaptop).add(entry(3, 8)).refused() == std::nullopt);
}

TEST_CASE("any member adds a device of an account in the tree, and adds a device again") {
  CHECK(Attempt(kCarol).add(entry(4, 8)).refused() == std::nullopt);
  CHECK(Attempt(kCarol).remove(kDave).add(kDave).refused() == std::nullopt);
  CHECK(Attempt(kCarol).remove(kAlice).add(kAlice).refused() == std::nullopt);
  // With a new device key, which its certificate proves.
  auto rekeyed = sample::certified(4, kDave.device, sample::key(0x44).publicKey());
  CHECK(Attempt(kCarol).remove(kDave).add(rekeyed).refused() == std::nullopt);
  // Another device of the account is no re-add of this one.
  CHECK(Attempt(kCarol).remove(kDave).add(entry(4, 8)).refused() == ErrorCode::removeNotAllowed);
}

TEST_CASE("nobody becomes another account by adding its device again under a key of his own") {
  CHECK(Attempt(kCarol).remove(kDave).add(impostor(kDave)).refused() == ErrorCode::accountKeysDiffer);
  CHECK(Attempt(kCarol).add(impostor(entry(4, 8))).refused() == ErrorCode::accountKeysDiffer);
  CHECK(Attempt(kAlice).remove(kDave).add(impostor(kDave)).refused() == ErrorCode::accountKeysDiffer);
  // An account that is not in the tree has no key here yet; the pinned key is an alarm, not a rule.
  CHECK(Attempt(kAlice).add(impostor(kEve)).refused() == std::nullopt);
}

TEST_CASE("a tree keeps its rules: no device twice, no two account keys") {
  CHECK(Attempt(kAlice).add(kDave).refused() == ErrorCode::deviceTwice);
  CHECK(Attempt(kAlice).add(kEve).add(kEve).refused() == ErrorCode::deviceTwice);
  CHECK(Attempt(kAlice).add(kEve).add(impostor(entry(5, 8))).refused() == ErrorCode::accountKeysDiffer);
}

TEST_CASE("only leaves are removed, and never the committer's own") {
  CHECK(Attempt(kAlice).remove(kEve).refused() == ErrorCode::unknownLeaf);
  CHECK(Attempt(kAlice).cover(kEve).refused() == ErrorCode::unknownLeaf);
  CHECK(Attempt(kAlice).remove(kAlice).refused() == ErrorCode::committerLeaves);
  CHECK(Attempt(kAlice).remove(kAlice).add(kAlice).refused() == ErrorCode::committerLeaves);
  CHECK(Attempt(kAlice).cover(kAlice).refused() == ErrorCode::committerLeaves);
}

DeviceList revoking(const RosterEntry& device) {
  auto number = static_cast<uint8_t>(device.account.bytes[0] - 0xa0);
  auto deviceNumber = static_cast<uint8_t>(device.device.bytes[0] - 0xd0);
  return sample::deviceList(number, 2, sample::hash(1),
                            {sample::listed(deviceNumber, DeviceState::revoked), sample::listed(15)});
}

TEST_CASE("any member removes a device that evidence names revoked, an owner's too") {
  CHECK(Attempt(kCarol).remove(kDave).showing(revoking(kDave)).refused() == std::nullopt);
  CHECK(Attempt(kCarol).remove(kAlice).showing(revoking(kAlice)).refused() == std::nullopt);
  CHECK(Attempt(kCarol).remove(kAlice).remove(kDave).showing(revoking(kDave)).showing(revoking(kAlice)).refused() ==
        std::nullopt);
  CHECK(Attempt(kBob).remove(kAlice).showing(revoking(kAlice)).refused() == std::nullopt);
}

TEST_CASE("evidence counts for the devices it names revoked and no others") {
  CHECK(Attempt(kCarol).remove(kAlice).showing(revoking(kAlicesLaptop)).refused() == ErrorCode::removeNotAllowed);
  CHECK(Attempt(kCarol).remove(kAlice).showing(revoking(kDave)).refused() == ErrorCode::removeNotAllowed);
  DeviceList active = sample::deviceList(4, 2, sample::hash(1), {sample::listed(6)});
  CHECK(Attempt(kCarol).remove(kDave).showing(active).refused() == ErrorCode::removeNotAllowed);
  CHECK(Attempt(kCarol).remove(kDave).remove(kBob).showing(revoking(kDave)).refused() == ErrorCode::removeNotAllowed);
}

TEST_CASE("evidence has to verify, under the account key of the leaf") {
  DeviceList forged = revoking(kDave);
  forged.signature[0] ^= 1;
  CHECK(Attempt(kCarol).remove(kDave).showing(forged).refused() == ErrorCode::removeNotAllowed);
  forged = sign(sample::accountKey(3), revoking(kDave).tbs);
  CHECK(Attempt(kCarol).remove(kDave).showing(forged).refused() == ErrorCode::removeNotAllowed);
  DeviceListTBS byOther = revoking(kDave).tbs;
  byOther.accountKey = sample::accountKey(3).publicKey();
  forged = sign(sample::accountKey(3), byOther);
  CHECK(Attempt(kCarol).remove(kDave).showing(forged).refused() == ErrorCode::removeNotAllowed);
  // A list that is none by itself proves nothing either.
  DeviceListTBS first = revoking(kDave).tbs;
  first.listVersion = 1;
  CHECK(Attempt(kCarol).remove(kDave).showing(sign(sample::accountKey(4), first)).refused() ==
        ErrorCode::removeNotAllowed);
  // What nobody needs harms nobody.
  CHECK(Attempt(kAlice).remove(kDave).showing(forged).refused() == std::nullopt);
}

TEST_CASE("any member commits a SelfRemove, and every commit covers all of its epoch") {
  Attempt covering(kCarol);
  covering.leaving = {kDave, kBob};
  CHECK(covering.refused() == ErrorCode::selfRemoveNotCovered);
  CHECK(covering.cover(kDave).refused() == ErrorCode::selfRemoveNotCovered);
  auto next = covering.cover(kBob).judged();
  REQUIRE(next);
  CHECK(next->leaves.entries() == Sorted<RosterEntry>{kAlice, kAlicesLaptop, kCarol, kCarolsLaptop});
  // A Remove in its place is no cover.
  Attempt removing(kAlice);
  removing.leaving = {kDave};
  CHECK(removing.remove(kDave).refused() == ErrorCode::selfRemoveNotCovered);
}

TEST_CASE("the last owner may leave") {
  Attempt covering(kCarol);
  covering.leaving = {kAlice, kAlicesLaptop};
  auto next = covering.cover(kAlice).cover(kAlicesLaptop).judged();
  REQUIRE(next);
  CHECK_FALSE(next->leaves.holdsAccount(account(1)));
}

TEST_CASE("a commit has the proposals of this policy only") {
  for (auto type : {mls::ProposalType::update, mls::ProposalType::psk, mls::ProposalType::reInit,
                    mls::ProposalType::externalInit, mls::ProposalType{0}, mls::ProposalType{0xF0C1}}) {
    Attempt attempt(kAlice);
    attempt.change.proposals = {kAdd, type};
    CHECK(attempt.judged().error() == Error(ErrorCode::proposalNotAllowed, 1));
  }
  Attempt attempt(kAlice);
  attempt.change.proposals = {kAdd, kRemove, kExtensions, mls::ProposalType::selfRemove};
  CHECK(attempt.refused() == std::nullopt);
}

TEST_CASE("the committer's own leaf stays its account's and device's") {
  Attempt same(kCarol);
  same.change.committerLeaf = sample::certified(3, kCarol.device, sample::key(0x44).publicKey());
  auto next = same.judged();
  REQUIRE(next);
  CHECK(*next->leaves.find(kCarol) == *same.change.committerLeaf);
  CHECK(next->leaves.size() == group().leaves.size());
  Attempt other(kCarol);
  other.change.committerLeaf = certificateOf(kCarolsLaptop);
  CHECK(other.refused() == ErrorCode::leafOwnerChanged);
  other.change.committerLeaf = certificateOf(kEve);
  CHECK(other.refused() == ErrorCode::leafOwnerChanged);
  Attempt alone(kDave);  // Dave has no other leaf that would hold him to his key
  alone.change.committerLeaf = impostor(kDave);
  CHECK(alone.refused() == ErrorCode::accountKeysDiffer);
}

TEST_CASE("only an owner changes the conversation, and nobody another extension") {
  Conversation renamed = group().conversation;
  renamed.name = {'t', 'e', 'a'};
  auto next = Attempt(kAlice).set(renamed).judged();
  REQUIRE(next);
  CHECK(next->conversation == renamed);
  CHECK(Attempt(kBob).set(renamed).refused() == ErrorCode::conversationNotAllowed);
  CHECK(Attempt(kCarol).set(renamed).refused() == ErrorCode::conversationNotAllowed);
  Attempt others(kAlice);
  others.change.changesOtherExtensions = true;
  CHECK(others.refused() == ErrorCode::extensionsNotAllowed);
}

TEST_CASE("a commit is judged by the roles before it") {
  Conversation granting = group().conversation;
  granting.roles.set({account(3), Role::owner});
  CHECK(Attempt(kCarol).set(granting).refused() == ErrorCode::conversationNotAllowed);
  // Giving up a role and using it once more is possible, gaining one and using it is not.
  Conversation handingOver = granting;
  handingOver.roles.set({account(1), Role::admin});
  CHECK(Attempt(kAlice).set(handingOver).remove(kDave).refused() == std::nullopt);
}

TEST_CASE("kind, pair and predecessor never change") {
  Conversation changed = group().conversation;
  changed.predecessor = Predecessor{};
  CHECK(Attempt(kAlice).set(changed).refused() == ErrorCode::conversationFixed);
  CHECK(Attempt(kAlice).set(newDirect(account(1), account(2))).refused() == ErrorCode::conversationFixed);
  Attempt direct(kAlice);
  direct.before.conversation = newDirect(account(1), account(2));
  direct.before.leaves = Leaves::check(certificatesOf({kAlice, kBob})).value();
  CHECK(direct.set(newDirect(account(1), account(3))).refused() == ErrorCode::conversationFixed);
}

TEST_CASE("a changed conversation is a valid one") {
  Conversation changed = group().conversation;
  changed.name = Bytes(257, 'x');
  CHECK(Attempt(kAlice).set(changed).refused() == ErrorCode::conversationName);
  CHECK(Attempt(kAlice).set(Bytes{0, 1}).refused() == ErrorCode::malformed);
  CHECK(Attempt(kAlice).set(Bytes{}).refused() == ErrorCode::malformed);
}

TEST_CASE("a change of roles leaves an owner who is there") {
  Conversation changed = group().conversation;
  changed.roles = {{account(2), Role::admin}};
  CHECK(Attempt(kAlice).set(changed).refused() == ErrorCode::noOwner);
  changed.roles = {};
  CHECK(Attempt(kAlice).set(changed).refused() == ErrorCode::noOwner);
  changed.roles = {{account(5), Role::owner}};
  CHECK(Attempt(kAlice).set(changed).refused() == ErrorCode::noOwner);
  CHECK(Attempt(kAlice).set(changed).add(kEve).refused() == std::nullopt);
  changed.roles = {{account(4), Role::owner}};
  CHECK(Attempt(kAlice).set(changed).refused() == std::nullopt);
  CHECK(Attempt(kAlice).set(changed).remove(kDave).refused() == ErrorCode::noOwner);
}

TEST_CASE("an owner may take the group to a later policy, and nobody to an earlier one") {
  auto next = Attempt(kAlice).set(Bytes{0, 2, 9, 9}).judged();
  REQUIRE(next);
  CHECK(next->conversation == std::nullopt);
  CHECK(Attempt(kBob).set(Bytes{0, 2, 9, 9}).refused() == ErrorCode::conversationNotAllowed);
  CHECK(Attempt(kAlice).set(Bytes{0, 0}).refused() == ErrorCode::conversationFixed);
}

TEST_CASE("a direct conversation takes no third account, whoever adds it") {
  Attempt direct(kAlice);
  direct.before.conversation = newDirect(account(1), account(2));
  direct.before.leaves = Leaves::check(certificatesOf({kAlice, kBob})).value();
  CHECK(Attempt(direct).add(kAlicesLaptop).add(entry(2, 8)).refused() == std::nullopt);
  CHECK(Attempt(direct).add(kEve).refused() == ErrorCode::accountNotOfPair);
}

TEST_CASE("terms declare the new leaves and the leaves after the commit") {
  Attempt attempt = Attempt(kAlice).add(kEve).remove(kDave);
  auto judgedWith = [&](auto spoil) {
    Terms terms = attempt.terms();
    spoil(std::get<CommitTerms>(terms.body));
    return refusal(judge(attempt.before, attempt.leaving, attempt.change, terms));
  };
  CHECK(judgedWith([](CommitTerms&) {}) == std::nullopt);
  CHECK(judgedWith([](CommitTerms& t) { t.added = {}; }) == ErrorCode::addedNotNewLeaves);
  CHECK(judgedWith([](CommitTerms& t) { t.added.set(kAlice); }) == ErrorCode::addedNotNewLeaves);
  CHECK(judgedWith([](CommitTerms& t) { t.rosterAfter = Roster{sample::kLog, {}}.hash(); }) ==
        ErrorCode::rosterNotLeaves);
  // How the roster gets there is between the log and its server: a spoilt one is mended by other changes.
  CHECK(judgedWith([](CommitTerms& t) { t.removed = {}, t.restored = {kCarol}; }) == std::nullopt);
  CHECK(refusal(judge(attempt.before, {}, attempt.change, sample::messageTerms())) == ErrorCode::kindDiffers);
}

TEST_CASE("the first commit declares its creator's device, too, and no later one does") {
  Attempt first(kAlice);
  first.before.leaves = Leaves::check({certificateOf(kAlice)}).value();
  first.add(kBob);
  Terms later = first.terms();
  first.commitsSeen = 0;
  CHECK(first.terms().commit()->added == Sorted<RosterEntry>{kAlice, kBob});
  CHECK(first.refused() == std::nullopt);
  later.commitsSeen = 0;
  CHECK(refusal(judge(first.before, {}, first.change, later)) == ErrorCode::addedNotNewLeaves);
}

TEST_CASE("a refused commit leaves the epoch as it was") {
  Attempt attempt = Attempt(kCarol).add(kEve);
  CHECK(attempt.refused() == ErrorCode::addNotAllowed);
  CHECK(attempt.before.leaves == group().leaves);
  CHECK(attempt.before.conversation == group().conversation);
}

TEST_CASE("a leave names its own sender") {
  CHECK(checkLeave(sample::leaveTerms(kDave), kDave));
  CHECK(refusal(checkLeave(sample::leaveTerms(kDave), kCarol)) == ErrorCode::leaverDiffers);
  CHECK(refusal(checkLeave(sample::messageTerms(), kDave)) == ErrorCode::leaverDiffers);
}

VerifiedAsk askFrom(uint8_t account, uint8_t device, const crypto::Ed25519Key& accountKey) {
  CertificateTBS certificate = sample::certificate(account, device).tbs;
  certificate.accountKey = accountKey.publicKey();
  mls::KeyPackage keyPackage = sample::keyPackage(account, device);
  keyPackage.leafNode.credential = {mls::BasicCredential{encode(sign(accountKey, certificate))}};
  AskTBS tbs{.log = sample::kLog,
             .terms = {.id = sample::entryId(1), .body = ProposalTerms{}},
             .certificate = sign(accountKey, certificate),
             .keyPackage = keyPackage};
  return VerifiedAsk::check(sign(sample::deviceKey(device), tbs), sample::kLog).value();
}

TEST_CASE("an ask is heard from any device of an account in the tree, under its account key") {
  const Leaves leaves = group().leaves;
  CHECK(checkAsk(askFrom(4, 6, sample::accountKey(4)), leaves));
  CHECK(checkAsk(askFrom(4, 9, sample::accountKey(4)), leaves));
  CHECK(refusal(checkAsk(askFrom(5, 7, sample::accountKey(5)), leaves)) == ErrorCode::unknownLeaf);
  CHECK(refusal(checkAsk(askFrom(4, 6, sample::key(0x66)), leaves)) == ErrorCode::accountKeysDiffer);
}

}  // namespace
}  // namespace qpq::wire
