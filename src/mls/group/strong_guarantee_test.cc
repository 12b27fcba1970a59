#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"
#include "mls/group/outside_proposal.h"

// An error leaves the group as it was, to the last bit: every byte of every kind of message is changed once.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

// Everything flipped is refused, the state stays, and the genuine message is then read: nothing was used up.
template <class Expected>
void flipAndRead(Group& group, const Bytes& message) {
  SavedState before = saved(group);
  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes changed = message;
    changed[i] ^= static_cast<uint8_t>(1U << (i % 8));
    auto received = group.receive(changed);
    if (received) FAIL("byte " << i << " of " << message.size() << " may be anything");
    // Comparing costs more than receiving: often where the structure is, now and then in the middle of a ciphertext.
    if (i < 400 || i % 16 == 0 || i + 100 > message.size()) {
      INFO("byte " << i);
      REQUIRE(saved(group) == before);
    }
  }
  for (std::size_t size = 0; size < message.size(); size += 1 + size / 20) {
    CHECK_FALSE(group.receive(ByteView(message).first(size)));
  }
  Bytes longer = message;
  longer.push_back(0);
  CHECK(group.receive(longer).error().code == ErrorCode::malformed);
  REQUIRE(saved(group) == before);
  CHECK(std::holds_alternative<Expected>(group.receive(message).value()));
}

// One flipped bit cost mlspp the genuine message.
TEST_CASE("a changed application message uses up no key") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  flipAndRead<ApplicationMessage>(scene["bob"],
                                  scene["alice"].protect(asBytes("hello"), asBytes("terms"), scene.random).value());
  flipAndRead<ApplicationMessage>(scene["bob"], scene["alice"].protect(asBytes("hello"), {}, scene.random).value());
  scene.say("carol", "between");
  flipAndRead<ApplicationMessage>(scene["bob"], scene["alice"].protect({}, {}, scene.random).value());
}

TEST_CASE("a changed proposal leaves the state as it was") {
  GroupScene scene;
  scene.policy.handshakes = IncomingHandshakes::publicToo;
  scene.found(Names{"alice", "bob", "carol"});
  flipAndRead<StagedProposal>(scene["bob"], scene["carol"].propose({SelfRemove{}}, asBytes("t"), scene.random).value());
  flipAndRead<StagedProposal>(
      scene["bob"],
      scene["carol"].propose({Remove{{0}}}, asBytes("t"), scene.random, WireFormat::publicMessage).value());
}

TEST_CASE("a changed commit leaves the state as it was") {
  GroupScene scene;
  scene.policy.handshakes = IncomingHandshakes::publicToo;
  scene.found(Names{"alice", "bob", "carol"});
  scene.leave("carol", {"alice", "bob"});
  CommitPlan plan;
  plan.adds.push_back(scene.package("dave"));
  flipAndRead<StagedCommit>(scene["bob"], scene["alice"].commit(plan, {}, scene.random).value()->message());
  scene["alice"].discard();
  flipAndRead<StagedCommit>(
      scene["bob"],
      scene["alice"].commit({}, {.wireFormat = WireFormat::publicMessage}, scene.random).value()->message());
}

// Everything the policy can be asked to take, in the small suite: the structures are the same.
struct OpenScene: GroupScene {
  OpenScene(): GroupScene(crypto::kSuiteX25519) {
    policy.handshakes = IncomingHandshakes::publicToo;
    policy.externalCommits = ExternalCommits::joinAndResync;
    policy.outsideProposals = OutsideProposals::newMembersToo;
    policy.reInits = ReInits::allowed;
    policy.customProposals = {{ProposalType{0xf0ff}, PathRule::optional}};
    proposals = {ProposalType::selfRemove, ProposalType{0xf0ff}};
    found(Names{"alice", "bob", "carol"});
  }
};

TEST_CASE("a changed message from outside leaves the state as it was") {
  OpenScene scene;
  EntryOptions options{.credential = {BasicCredential{toBytes(asBytes("carol"))}},
                       .capabilities = scene.capabilities(),
                       .policy = scene.policy,
                       .resync = LeafIndex{2}};
  GroupInfo info = scene["alice"].openGroupInfo({}).value();
  flipAndRead<StagedCommit>(scene["bob"],
                            Group::enter(info, scene.client("carol").signer, options, scene.random).value().commit);
  ProposalPlace place{scene.suite, scene["alice"].groupId(), scene["alice"].epoch()};
  KeyPackage package = scene.package("dave").keyPackage();
  flipAndRead<StagedProposal>(scene["bob"],
                              proposeToJoin(place, scene.client("dave").signer.privateKey.expose(), package).value());
}

TEST_CASE("a changed Update, ReInit, key or custom proposal leaves the state as it was") {
  OpenScene scene;
  flipAndRead<StagedProposal>(scene["bob"], scene["carol"].proposeUpdate({}, asBytes("t"), scene.random).value());
  ReInit ending{{1, 2}, ProtocolVersion::mls10, CipherSuiteId{1}, GroupScene::requiredCapabilities()};
  flipAndRead<StagedProposal>(scene["bob"], scene["carol"].propose({ending}, {}, scene.random).value());
  flipAndRead<StagedCommit>(scene["bob"],
                            scene["alice"].commit({.others = {{ending}}}, {}, scene.random).value()->message());
  scene["alice"].discard();
  CommitPlan plan{.resumptionPsks = {{ResumptionPSKUsage::application, scene["alice"].groupId(), {1}}},
                  .others = {{UnknownProposal{ProposalType{0xf0ff}, {1, 2, 3}}}},
                  .path = PathChoice::whereRequired};
  flipAndRead<StagedCommit>(
      scene["bob"],
      scene["alice"].commit(plan, {.wireFormat = WireFormat::publicMessage}, scene.random).value()->message());
}

TEST_CASE("whatever cannot be done leaves the state as it was, pending commit and own proposals included") {
  OpenScene scene;
  Group& alice = scene["alice"];
  alice.proposeUpdate({}, {}, scene.random).value();
  alice.safeExportSecret(ComponentId{1}).value();
  alice.commit({}, {}, scene.random).value();
  SavedState before = saved(alice);
  auto stays = [&](auto result) {
    CHECK_FALSE(result);
    CHECK(saved(alice) == before);
  };
  stays(alice.commit({}, {}, scene.random));
  stays(alice.merge({}));
  stays(alice.withdraw({1}));
  stays(alice.safeExportSecret(ComponentId{1}));
  stays(alice.propose({Update{}}, {}, scene.random));
  stays(alice.propose({Remove{{9}}}, {}, scene.random));
  stays(alice.propose({ExternalInit{}}, {}, scene.random));
  stays(alice.propose({AppDataUpdate{}}, {}, scene.random));
  Capabilities poor = scene.capabilities();
  poor.versions.clear();
  stays(alice.proposeUpdate({.capabilities = poor}, {}, scene.random));
  stays(alice.resumptionPsk({9}));
  stays(alice.reinitialize(scene.client("alice").signer, {}, scene.random));
  stays(alice.branch({1}, {}, scene.client("alice").signer, {}, scene.random));
  Extensions twice{{{ExtensionType::ratchetTree, {}}}};
  stays(alice.openGroupInfo(twice));
}

TEST_CASE("a plan that cannot be carried out leaves the state as it was") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  SavedState before = saved(scene["alice"]);
  auto refusal = [&](const CommitPlan& plan, CommitOptions options = {}) {
    auto made = scene["alice"].commit(plan, std::move(options), scene.random);
    REQUIRE_FALSE(made);
    CHECK(saved(scene["alice"]) == before);
    CHECK(scene["alice"].pending() == nullptr);
    return made.error();
  };
  CHECK(refusal({.removes = {{0}}}) == Error(ErrorCode::removeOfCommitter, 0));
  CHECK(refusal({.removes = {{3}}}) == Error(ErrorCode::removeOfBlank, 3));
  CHECK(refusal({.removes = {{1}, {1}}}) == Error(ErrorCode::conflictingProposals, 1));
  CHECK(refusal({.references = {Bytes(48)}}) == Error(ErrorCode::unknownProposalRef, 0));
  Extensions twice{{{ExtensionType{0xf0c2}, {}}, {ExtensionType{0xf0c2}, {}}}};
  CHECK(refusal({.groupContextExtensions = twice}) == Error(ErrorCode::duplicateExtension));
  CHECK(refusal({}, {.groupInfoExtensions = twice}) == Error(ErrorCode::duplicateExtension));
  CHECK(refusal({}, {.groupInfoExtensions = {{{ExtensionType::ratchetTree, {}}}}}) ==
        Error(ErrorCode::duplicateExtension));
  CommitPlan member;
  member.adds.push_back(scene.package("bob"));
  CHECK(refusal(member) == Error(ErrorCode::addOfMember, 0));
  CommitPlan twiceAdded;
  twiceAdded.adds.push_back(scene.package("dave"));
  twiceAdded.adds.push_back(scene.package("dave"));
  CHECK(refusal(twiceAdded) == Error(ErrorCode::duplicateAdd, 1));
  GroupScene classical(crypto::kSuiteX25519);
  CommitPlan otherSuite;
  otherSuite.adds.push_back(classical.package("erin"));
  CHECK(refusal(otherSuite) == Error(ErrorCode::wrongSuite));
  CommitPlan poorer;
  poorer.ownLeaf.capabilities = scene.capabilities();
  poorer.ownLeaf.capabilities->extensions.clear();
  CHECK(refusal(poorer) == Error(ErrorCode::requiredCapability, 0));
  crypto::SignatureKeyPair stolen = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  stolen.publicKey = scene["alice"].leaf({1})->signatureKey;
  CommitPlan impostor;
  impostor.ownLeaf.signatureKey = &stolen;
  CHECK(refusal(impostor).code == ErrorCode::duplicateSignatureKey);
}

TEST_CASE("a changed Welcome joins nothing, and the genuine one still does") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  CommitPlan plan;
  plan.adds.push_back(scene.package("carol"));
  Bytes welcome = scene["alice"].commit(plan, {}, scene.random).value()->welcome().value();
  auto& carol = scene.client("carol");
  for (std::size_t i = 0; i < welcome.size(); i += i < 1'300 ? 1 : 13) {
    Bytes changed = welcome;
    changed[i] ^= 4;
    auto message = decode<MLSMessage>(changed);
    if (!message || message->as<Welcome>() == nullptr) continue;
    INFO("byte " << i);
    CHECK_FALSE(Group::join(*message->as<Welcome>(), carol.package->keyPackage, carol.package->privateKeys,
                            carol.signer.privateKey.expose(), {}));
  }
  CHECK(scene.join("carol", welcome));
}

}  // namespace
}  // namespace qpq::mls
