#include "mls/group/public_group.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/framing/public_message.h"
#include "mls/group/insider_test.h"
#include "mls/group/outside_proposal.h"

namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

struct Scene: GroupScene {
  Scene() {
    policy.handshakes = IncomingHandshakes::publicToo;
    policy.externalCommits = ExternalCommits::joinAndResync;
    policy.reInits = ReInits::allowed;
    found(Names{"alice", "bob", "carol"});
    observer = PublicGroup::observe(info(), {policy}).value();
  }
  GroupInfo info() { return (*this)["alice"].groupInfo({}, TreePlace::inlined).value(); }
  static std::map<Bytes, Bytes> savedObserver(const PublicGroup& group) {
    std::map<Bytes, Bytes> state;
    for (const Record& record : group.save()) state[record.key] = toBytes(record.value.expose());
    return state;
  }
  void restart() {
    auto before = savedObserver(*observer);
    observer = PublicGroup::load(observer->save()).value();
    require(savedObserver(*observer) == before, "an observer is kept whole");
  }
  // Members and observer read it alike.
  void everybody(const std::string& author, const CommitPlan& plan) {
    const PendingCommit* pending =
        (*this)[author].commit(plan, {.wireFormat = WireFormat::publicMessage}, random).value();
    Bytes message = pending->message();
    CommitEffects effects = pending->effects();
    auto staged = std::get<PublicGroup::StagedCommit>(observer->receive(message).value());
    CHECK(staged.effects() == effects);
    CHECK(observer->apply(std::move(staged)).value() == effects);
    deliver(author, message, pending->welcome());
    agree(author);
    restart();
  }
  void propose(const std::string& author, Proposal proposal, const Names& readers) {
    Bytes message = (*this)[author].propose(std::move(proposal), {}, random, WireFormat::publicMessage).value();
    for (const std::string& name : readers) readProposal(name, message);
    observer->apply(std::get<PublicGroup::StagedProposal>(observer->receive(message).value())).value();
    restart();
  }
  void agree(const std::string& name) {
    CHECK(observer->context() == (*this)[name].context());
    CHECK(observer->members() == (*this)[name].members());
  }
  Error refusal(const Bytes& message) {
    auto before = savedObserver(*observer);
    auto received = observer->receive(message);
    require(!received && savedObserver(*observer) == before, "refused, and nothing changed");
    return received.error();
  }
  Bytes shown(const std::string& by, Insider::Forgery forgery) {
    Insider insider((*this)[by], random);
    return insider.publicCommit(std::move(forgery));
  }

  std::optional<PublicGroup> observer;
};

TEST_CASE("an observer follows a group by what travels in clear, and knows what its members know in public") {
  Scene scene;
  scene.agree("alice");
  CommitPlan plan;
  plan.adds.push_back(scene.package("dave"));
  scene.everybody("alice", plan);
  scene.propose("carol", {SelfRemove{}}, {"alice", "bob", "carol", "dave"});
  CHECK(scene.observer->proposals().size() == 1);
  scene.everybody("bob", {.removes = {scene.leafOf("alice")}});
  CHECK(scene.observer->members().size() == 2);
  EntryOptions entry{.credential = {BasicCredential{toBytes(asBytes("erin"))}},
                     .capabilities = scene.capabilities(),
                     .policy = scene.policy};
  GroupInfo open = scene["bob"].openGroupInfo({}).value();
  EnteredGroup entered = Group::enter(open, scene.client("erin").signer, entry, scene.random).value();
  auto staged = std::get<PublicGroup::StagedCommit>(scene.observer->receive(entered.commit).value());
  CHECK(staged.members().size() == 3);
  scene.observer->apply(std::move(staged)).value();
  scene.clients.at("erin").group = std::move(entered.group);
  scene.agree("erin");
  ReInit ending{{1}, ProtocolVersion::mls10, CipherSuiteId{scene.suite.id}, {}};
  const PendingCommit* last =
      scene["erin"].commit({.others = {{ending}}}, {.wireFormat = WireFormat::publicMessage}, scene.random).value();
  Bytes message = last->message();
  scene.observer->apply(std::get<PublicGroup::StagedCommit>(scene.observer->receive(message).value())).value();
  scene.restart();
  REQUIRE(scene.observer->reInit() != nullptr);
  CHECK(*scene.observer->reInit() == ending);
  CHECK(scene.refusal(message) == Error(ErrorCode::groupReinitialized));
}

TEST_CASE("an observer refuses what members refuse, by the same codes") {
  Scene scene;
  auto refusal = [&](Insider::Forgery forgery) { return scene.refusal(scene.shown("alice", std::move(forgery))); };
  auto byValue = [](std::vector<Proposal> proposals) { return Insider::byValue(std::move(proposals)); };
  using Path = Insider::Forgery::Path;
  CHECK(refusal({.proposals = byValue({{Remove{{0}}}})}) == Error(ErrorCode::removeOfCommitter, 0));
  CHECK(refusal({.proposals = byValue({{Remove{{9}}}})}) == Error(ErrorCode::removeOfBlank, 0));
  CHECK(refusal({.proposals = byValue({{Remove{{1}}}}), .path = Path::without}) == Error(ErrorCode::pathMissing));
  CHECK(refusal({.proposals = {{ProposalRef(48, 1)}}}) == Error(ErrorCode::unknownProposalRef, 0));
  CHECK(refusal({.onPath = [](UpdatePath& p) { p.nodes.pop_back(); }}) == Error(ErrorCode::pathLength));
  CHECK(refusal({.onPath = [](UpdatePath& p) { p.leafNode.signature[0] ^= 1; }}).code == ErrorCode::leafSignature);
  CHECK(refusal({.onSigned = [](AuthenticatedContent& c) { c.auth.signature[0] ^= 1; }}) ==
        Error(ErrorCode::messageSignature));
  CHECK(scene.observer->receive(scene.shown("alice", {})));
}

TEST_CASE("an observer reads nothing that is sealed, old, of another group or not in clear") {
  Scene scene;
  CHECK(scene.refusal(scene["alice"].protect(asBytes("x"), {}, scene.random).value()) ==
        Error(ErrorCode::wrongWireFormat));
  CHECK(scene.refusal({1, 2, 3}).code == ErrorCode::malformed);
  Insider alice(scene["alice"], scene.random);
  auto moved = [&](auto change) {
    AuthenticatedContent content = alice.sign({Proposal{Remove{{1}}}}, WireFormat::publicMessage);
    change(content.content);
    return encode(MLSMessage{.message = {PublicMessage{content.content, content.auth, Bytes(48)}}});
  };
  CHECK(scene.refusal(moved([](FramedContent& c) { c.groupId = {1}; })) == Error(ErrorCode::wrongGroup));
  CHECK(scene.refusal(moved([](FramedContent& c) { c.epoch = {0}; })) == Error(ErrorCode::pastEpoch));
  CHECK(scene.refusal(moved([](FramedContent& c) { c.epoch = {9}; })) == Error(ErrorCode::futureEpoch));
  CHECK(scene.refusal(moved([](FramedContent& c) { c.content = {ApplicationData{}}; })) ==
        Error(ErrorCode::applicationNotEncrypted));
  CHECK(scene.refusal(moved([](FramedContent& c) { c.sender = {MemberSender{{7}}}; })) ==
        Error(ErrorCode::unknownSender, 7));
}

TEST_CASE("an observer begins with a GroupInfo that a member signed, and its tree") {
  Scene scene;
  GroupInfo bare = scene["alice"].groupInfo({}).value();
  CHECK(PublicGroup::observe(bare, {scene.policy}).error() == Error(ErrorCode::treeEmpty));
  CHECK(PublicGroup::observe(bare, {scene.policy, scene["bob"].tree().nodes()}));
  GroupInfo changed = scene.info();
  changed.signature[0] ^= 1;
  CHECK(PublicGroup::observe(changed, {scene.policy}).error() == Error(ErrorCode::groupInfoSignature));
  changed = scene.info();
  changed.groupContext.cipherSuite = CipherSuiteId{0x7777};
  CHECK(PublicGroup::observe(changed, {scene.policy}).error() == Error(ErrorCode::unknownSuite));
}

TEST_CASE("a transition staged before an observer moved on is stale, and damaged records are no observer") {
  Scene scene;
  Bytes wish = scene["bob"].propose({Remove{{2}}}, {}, scene.random, WireFormat::publicMessage).value();
  auto proposal = std::get<PublicGroup::StagedProposal>(scene.observer->receive(wish).value());
  Bytes message = scene.shown("alice", {});
  auto first = std::get<PublicGroup::StagedCommit>(scene.observer->receive(message).value());
  auto second = std::get<PublicGroup::StagedCommit>(scene.observer->receive(message).value());
  scene.observer->apply(std::move(first)).value();
  CHECK(scene.observer->apply(std::move(second)).error() == Error(ErrorCode::staleTransition));
  CHECK(scene.observer->apply(std::move(proposal)).error() == Error(ErrorCode::staleTransition));
  std::vector<Record> records = scene.observer->save();
  for (std::size_t without = 0; without < records.size(); ++without) {
    std::vector<Record> damaged = scene.observer->save();
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(without));
    CHECK(PublicGroup::load(damaged).error() == Error(ErrorCode::damagedState));
  }
  CHECK(PublicGroup::load(scene["alice"].save()).error() == Error(ErrorCode::damagedState));
  CHECK(Group::load(records).error() == Error(ErrorCode::damagedState));
}

}  // namespace
}  // namespace qpq::mls
