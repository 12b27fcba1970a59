#include <catch2/catch_test_macros.hpp>

#include "mls/group/insider_test.h"

// RFC 9420 §12.1: the proposals beyond Add, Remove and SelfRemove, by value and by reference.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

const ProposalType kCustom{0xf0ff};

struct Scene: GroupScene {
  Scene() {
    policy.handshakes = IncomingHandshakes::publicToo;
    policy.reInits = ReInits::allowed;
    policy.customProposals = {{kCustom, PathRule::optional}, {ProposalType{0xf0fe}, PathRule::required}};
    proposals = {ProposalType::selfRemove, kCustom, ProposalType{0xf0fe}};
    found(Names{"alice", "bob", "carol"});
  }
  ReInit ending() const {
    return {toBytes(asBytes("next")), ProtocolVersion::mls10, CipherSuiteId{suite.id}, requiredCapabilities()};
  }
  Error refusal(Insider::Forgery forgery) {
    Bytes message = Insider((*this)["alice"], random).commit(std::move(forgery));
    SavedState before = saved((*this)["bob"]);
    auto received = (*this)["bob"].receive(message);
    require(saved((*this)["bob"]) == before && !received, "refused, and nothing changed");
    return received.error();
  }
  Error refusal(std::vector<Proposal> proposals) {
    return refusal(Insider::Forgery{.proposals = Insider::byValue(std::move(proposals))});
  }
};

TEST_CASE("proposals of members are committed by reference by another") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  Bytes add = scene["bob"].propose({Add{scene.package("dave").keyPackage()}}, asBytes("why"), scene.random).value();
  Bytes remove = scene["carol"].propose({Remove{scene.leafOf("bob")}}, {}, scene.random).value();
  for (const char* name : {"alice", "bob", "carol"}) {
    scene.readProposal(name, add);
    scene.readProposal(name, remove);
  }
  auto stored = scene["alice"].proposals();
  REQUIRE(stored.size() == 2);
  CHECK(stored[0]->sender == LeafIndex{1});
  CHECK(asText(stored[0]->authenticatedData) == "why");
  CHECK(scene["alice"].protect(asBytes("x"), {}, scene.random).error() == Error(ErrorCode::proposalsPending));
  CommitPlan plan{.references = {stored[0]->ref, stored[1]->ref, stored[0]->ref}};  // named twice, committed once
  CHECK(scene["alice"].preview(plan)->members.size() == 3);
  scene.commit("alice", plan);
  CHECK_FALSE(scene["bob"].isMember());
  CHECK(scene["carol"].proposals().empty());
  CHECK(scene.say("dave", "thank you, bob") == 2);
}

TEST_CASE("an Update is proposed by its member and committed by another") {
  Scene scene;
  crypto::SignatureKeyPair fresh = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  Bytes before = scene["bob"].leaf(LeafIndex{1})->encryptionKey;
  Bytes update = scene["bob"].proposeUpdate({.signatureKey = &fresh}, asBytes("new key"), scene.random).value();
  scene.clients.at("bob").group = reloaded(scene["bob"]);  // the keys it made are kept
  for (const char* name : {"alice", "bob", "carol"}) scene.readProposal(name, update);
  CommitPlan plan{.references = {scene["alice"].proposals()[0]->ref}};
  scene.commit("alice", plan);
  CHECK(scene["carol"].leaf(LeafIndex{1})->signatureKey == fresh.publicKey);
  CHECK(scene["carol"].leaf(LeafIndex{1})->encryptionKey != before);
  CHECK(scene.say("bob", "signed with the new key") == 2);
  scene.commit("carol", {});  // bob reads this path with the key of the Update
  scene.commit("bob", {});
  for (const auto& [key, value] : saved(scene["bob"])) {
    CHECK(decode<RecordKey>(key)->kind != RecordKind::updateKeys);
  }
}

TEST_CASE("an Update that nobody committed leaves its member as it was") {
  Scene scene;
  Bytes update = scene["bob"].proposeUpdate({}, {}, scene.random).value();
  for (const char* name : {"alice", "bob", "carol"}) scene.readProposal(name, update);
  scene.commit("alice", {});
  CHECK(scene.say("bob", "still here") == 2);
  scene.commit("carol", {});
}

TEST_CASE("an Update is made in one place only, and fits the group") {
  Scene scene;
  CHECK(scene["bob"].propose({Update{}}, {}, scene.random).error() == Error(ErrorCode::privateKeyMismatch));
  Capabilities poor = scene.capabilities();
  poor.extensions.clear();
  SavedState before = saved(scene["bob"]);
  CHECK(scene["bob"].proposeUpdate({.capabilities = poor}, {}, scene.random).error() ==
        Error(ErrorCode::requiredCapability));
  CHECK(saved(scene["bob"]) == before);
}

TEST_CASE("an Update of ours whose keys are not here cannot be followed") {
  Scene scene;
  // Somebody else has bob's keys and renews his leaf; bob himself does not hold what it brings.
  Insider thief(scene["bob"], scene.random);
  Bytes update = thief.show(thief.sign({Proposal{Update{thief.updateLeaf()}}}, WireFormat::publicMessage));
  for (const char* name : {"alice", "bob", "carol"}) scene.readProposal(name, update);
  CommitPlan plan{.references = {scene["alice"].proposals()[0]->ref}};
  Bytes commit = scene["alice"].commit(plan, {}, scene.random).value()->message();
  SavedState before = saved(scene["bob"]);
  CHECK(scene["bob"].receive(commit).error() == Error(ErrorCode::privateKeyMismatch, 2));
  CHECK(saved(scene["bob"]) == before);
  CHECK(scene["carol"].receive(commit));
}

TEST_CASE("an own proposal that was not sent is withdrawn") {
  Scene scene;
  Bytes leave = scene["bob"].propose({SelfRemove{}}, {}, scene.random).value();
  REQUIRE(scene["bob"].sentProposals().size() == 1);
  ProposalRef ref = scene["bob"].sentProposals()[0]->ref;
  CHECK(scene["bob"].propose({SelfRemove{}}, {}, scene.random).error() == Error(ErrorCode::conflictingProposals));
  scene["bob"].takeDelta();
  scene["bob"].withdraw(ref).value();
  CHECK(scene["bob"].sentProposals().empty());
  CHECK(scene["bob"].takeDelta().size() == 2);  // its record and that of keys it might have had
  for (const auto& [key, value] : saved(scene["bob"])) CHECK(decode<RecordKey>(key)->kind != RecordKind::proposal);
  CHECK(scene["bob"].receive(leave).error() == Error(ErrorCode::ownMessage));
  CHECK(scene["bob"].withdraw(ref).error() == Error(ErrorCode::unknownProposalRef));
  // It can be said again, and what the group has heard is not taken back.
  scene.leave("bob", {"alice", "bob", "carol"});
  CHECK(scene["bob"].withdraw(scene["bob"].proposals()[0]->ref).error() == Error(ErrorCode::unknownProposalRef));
  CHECK(scene["bob"].withdraw({}).error() == Error(ErrorCode::unknownProposalRef));
  scene["carol"].proposeUpdate({}, {}, scene.random).value();
  scene["carol"].withdraw(scene["carol"].sentProposals()[0]->ref).value();
  for (const auto& [key, value] : saved(scene["carol"])) {
    CHECK(decode<RecordKey>(key)->kind != RecordKind::updateKeys);
  }
}

TEST_CASE("a resumption secret of the group binds an epoch to a past one (§8.6)") {
  Scene scene;
  Bytes group = scene["alice"].groupId();
  CommitPlan plan{.resumptionPsks = {{ResumptionPSKUsage::application, group, {0}}}};
  // bob joined in epoch 1 and has no secret of epoch 0, unless he is given it.
  Bytes key = toBytes(scene["alice"].resumptionPsk({0}).value().expose());
  std::vector<ResumptionPskKey> keys{{group, {0}, key}};
  const PendingCommit* pending = scene["alice"].commit(plan, {}, scene.random).value();
  Bytes message = pending->message();
  CHECK(pending->effects().psks.size() == 1);
  CHECK(scene["bob"].receive(message).error() == Error(ErrorCode::unknownPsk, 0));
  for (const char* name : {"bob", "carol"}) {
    scene[name].apply(std::get<StagedCommit>(scene[name].receive(message, {.resumptionPsks = keys}).value())).value();
  }
  scene["alice"].merge(pending->digest()).value();
  scene.requireAgreement();
  // Epochs all have lived through need nothing from outside.
  CommitPlan shared{
      .resumptionPsks = {{ResumptionPSKUsage::application, group, {1}}, {ResumptionPSKUsage::application, group, {2}}}};
  scene.commit("bob", shared);
  CHECK(scene["alice"].resumptionPsk({77}).error() == Error(ErrorCode::unknownPsk));
  CommitPlan far{.resumptionPsks = {{ResumptionPSKUsage::application, group, {77}}}};
  CHECK(scene["alice"].commit(far, {}, scene.random).error() == Error(ErrorCode::unknownPsk, 0));
  for (auto usage : {ResumptionPSKUsage::reInit, ResumptionPSKUsage::branch}) {
    CommitPlan misused{.resumptionPsks = {{usage, group, {1}}}};
    CHECK(scene["alice"].commit(misused, {}, scene.random).error() == Error(ErrorCode::pskUsage));
  }
}

TEST_CASE("too many pre-shared keys for a Welcome to name are refused") {
  Scene scene;
  CommitPlan plan;
  for (uint32_t i = 0; i <= kPreSharedKeysMax; ++i) {
    Writer id;
    id.u32(i);
    plan.externalPsks.push_back(std::move(id).take());
  }
  CHECK(scene["alice"].commit(plan, {}, scene.random).error() == Error(ErrorCode::tooManyProposals, kPreSharedKeysMax));
}

TEST_CASE("a ReInit ends the group for everybody (§11.2)") {
  Scene scene;
  Bytes wish = scene["carol"].propose({scene.ending()}, {}, scene.random).value();
  for (const char* name : {"alice", "bob", "carol"}) scene.readProposal(name, wish);
  CommitPlan plan{.references = {scene["bob"].proposals()[0]->ref}};
  const PendingCommit* pending = scene["bob"].commit(plan, {}, scene.random).value();
  REQUIRE(pending->effects().reInit);
  Bytes message = pending->message();
  scene.clients.at("bob").group = reloaded(scene["bob"]);
  scene.deliver("bob", message, {});
  for (const char* name : {"alice", "bob", "carol"}) {
    scene.clients.at(name).group = reloaded(scene[name]);
    Group& group = scene[name];
    REQUIRE(group.reInit() != nullptr);
    CHECK(*group.reInit() == scene.ending());
    CHECK(group.isMember());
    CHECK(group.protect({}, {}, scene.random).error() == Error(ErrorCode::groupReinitialized));
    CHECK(group.propose({SelfRemove{}}, {}, scene.random).error() == Error(ErrorCode::groupReinitialized));
    CHECK(group.proposeUpdate({}, {}, scene.random).error() == Error(ErrorCode::groupReinitialized));
    CHECK(group.commit({}, {}, scene.random).error() == Error(ErrorCode::groupReinitialized));
    CHECK(group.preview({}).error() == Error(ErrorCode::groupReinitialized));
    CHECK(group.receive(message).error() == Error(ErrorCode::groupReinitialized));
    CHECK(group.exportSecret("x", {}, 32));
  }
}

TEST_CASE("a ReInit stands alone, is of no older version, and needs no path (§12.1.5, §12.2)") {
  Scene scene;
  CHECK(scene.refusal({{scene.ending()}, {Remove{{2}}}}) == Error(ErrorCode::reInitNotAlone, 0));
  CHECK(scene.refusal({{Remove{{2}}}, {scene.ending()}}) == Error(ErrorCode::reInitNotAlone, 1));
  ReInit older = scene.ending();
  older.version = ProtocolVersion{0};
  CHECK(scene.refusal({{older}}) == Error(ErrorCode::reInitVersion, 0));
  CommitPlan plan{.others = {{scene.ending()}}, .path = PathChoice::whereRequired};
  scene.commit("alice", plan);
  CHECK(scene["bob"].reInit() != nullptr);
}

TEST_CASE("a ReInit is refused where the policy says nothing of it") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  ReInit ending{{1}, ProtocolVersion::mls10, CipherSuiteId{scene.suite.id}, {}};
  CHECK(scene["alice"].propose({ending}, {}, scene.random).error() == Error(ErrorCode::unsupported));
  CHECK(scene["alice"].commit({.others = {{ending}}}, {}, scene.random).error() == Error(ErrorCode::unsupported));
}

TEST_CASE("a type of the application's own is carried to everybody (§13.2)") {
  Scene scene;
  Proposal custom{UnknownProposal{kCustom, {1, 2, 3}}};
  Bytes message = scene["bob"].propose(custom, {}, scene.random).value();
  for (const char* name : {"alice", "bob", "carol"}) scene.readProposal(name, message);
  CommitPlan plan{.references = {scene["alice"].proposals()[0]->ref},
                  .others = {{UnknownProposal{kCustom, {4}}}},
                  .path = PathChoice::whereRequired};
  Bytes commit = scene["alice"].commit(plan, {}, scene.random).value()->message();
  auto staged = std::get<StagedCommit>(scene["carol"].receive(commit).value());
  REQUIRE(staged.effects().custom.size() == 2);
  CHECK(staged.effects().custom[0].proposal == custom);
  CHECK(staged.effects().custom[0].proposer == LeafIndex{1});
  CHECK(staged.effects().updated.empty());  // this type asks for no path
  scene.deliver("alice", commit, {});
  // The other one does.
  CHECK(scene.refusal({.proposals = Insider::byValue({{UnknownProposal{ProposalType{0xf0fe}, {}}}}),
                       .path = Insider::Forgery::Path::without}) == Error(ErrorCode::pathMissing));
}

// OpenMLS#1868.
TEST_CASE("a type that some member or the policy does not know is refused") {
  Scene scene;
  CHECK(scene.refusal({{UnknownProposal{ProposalType{0xf0aa}, {}}}}) == Error(ErrorCode::unsupportedProposal, 0));
  GroupScene poor;
  poor.policy.customProposals = {{kCustom, PathRule::optional}};
  poor.found(Names{"alice", "bob"});
  CHECK(poor["alice"].propose({UnknownProposal{kCustom, {}}}, {}, poor.random).error() ==
        Error(ErrorCode::unsupportedProposal, 1));
}

// OpenMLS#2089: an own commit without a path.
TEST_CASE("a commit without path is made, kept and merged like any other") {
  Scene scene;
  CommitPlan plan{.path = PathChoice::whereRequired};
  plan.adds.push_back(scene.package("dave"));
  Bytes leafKey = scene["bob"].leaf(LeafIndex{0})->encryptionKey;
  const PendingCommit* pending = scene["alice"].commit(plan, {}, scene.random).value();
  CHECK(pending->effects().updated.empty());
  Bytes message = pending->message();
  std::optional<Bytes> welcome = pending->welcome();
  scene.clients.at("alice").group = reloaded(scene["alice"]);
  scene.deliver("alice", message, welcome);
  CHECK(scene["dave"].leaf(LeafIndex{0})->encryptionKey == leafKey);
  CHECK(scene.say("dave", "hello") == 3);
  scene.commit("dave", {});
  // A change of the own leaf takes a path, and so does a commit of nothing.
  CHECK(scene["bob"].commit({.path = PathChoice::whereRequired}, {}, scene.random).value()->effects().updated.size() ==
        1);
  scene["bob"].discard();
  CommitPlan changed{.ownLeaf = {.extensions = Extensions{{{ExtensionType{0xf0c1}, {1}}}}},
                     .path = PathChoice::whereRequired};
  changed.adds.push_back(scene.package("erin"));
  CHECK(scene["bob"].commit(changed, {}, scene.random).value()->effects().updated.size() == 1);
}

}  // namespace
}  // namespace qpq::mls
