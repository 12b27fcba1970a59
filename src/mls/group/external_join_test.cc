#include "mls/group/external_join.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/framing/content.h"
#include "mls/group/group_scene_test.h"
#include "mls/tree/leaf_validation.h"

// RFC 9420 §12.4.3.2: people who enter by a commit of their own.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

struct Scene: GroupScene {
  explicit Scene(ExternalCommits allowed = ExternalCommits::joinAndResync,
                 const crypto::Suite& suite = crypto::kProductSuite)
      : GroupScene(suite) {
    policy.externalCommits = allowed;
    policy.handshakes = IncomingHandshakes::publicToo;
    found(Names{"alice", "bob", "carol"});
  }

  EntryOptions entry(const std::string& name) {
    return {.credential = {BasicCredential{toBytes(asBytes(name))}}, .capabilities = capabilities(), .policy = policy};
  }
  GroupInfo openInfo(const std::string& by) { return (*this)[by].openGroupInfo({}).value(); }

  Result<EnteredGroup> enter(const std::string& name, EntryOptions options) {
    return Group::enter(openInfo("alice"), client(name).signer, std::move(options), random);
  }

  // The commit reaches everybody in its place.
  void arrive(const std::string& name, EnteredGroup entered, const ReceiveOptions& options = {}) {
    for (auto& [other, client] : clients) {
      if (!client.group || !client.group->isMember() || other == name) continue;
      auto staged = std::get<StagedCommit>(client.group->receive(entered.commit, options).value());
      require(staged.effects() == entered.effects, "everybody sees the same effects");
      client.group->apply(std::move(staged)).value();
    }
    clients.at(name).group = std::move(entered.group);
    requireAgreement();
  }

  // The joiner's commit with a change, signed again as it could sign it.
  Bytes resigned(const std::string& name, const EnteredGroup& entered, auto change) {
    AuthenticatedContent content = contentOf(entered.commit);
    GroupContext context = (*this)["alice"].context();
    change(content.content);
    Bytes tag = content.auth.confirmationTag;
    content = signContent(suite, client(name).signer.privateKey.expose(), WireFormat::publicMessage,
                          std::move(content.content), encode(context))
                  .value();
    content.auth.confirmationTag = tag;
    return encode(MLSMessage{.message = {PublicMessage{content.content, content.auth, {}}}});
  }
  static AuthenticatedContent contentOf(const Bytes& message) {
    auto decoded = decode<MLSMessage>(message).value();
    const auto& shown = *decoded.as<PublicMessage>();
    return {WireFormat::publicMessage, shown.content, shown.auth};
  }
  static Commit& commitOf(FramedContent& content) { return std::get<Commit>(content.content.body); }

  Error refusal(const std::string& name, const Bytes& message) {
    Group& group = (*this)[name];
    SavedState before = saved(group);
    auto received = group.receive(message);
    require(saved(group) == before, "a refused commit changes nothing");
    require(!received.has_value(), "a commit against the rules is refused");
    return received.error();
  }
};

TEST_CASE("somebody enters by a commit, and all go on together") {
  for (const crypto::Suite* suite : {&crypto::kSuiteX25519, &crypto::kSuiteXWing}) {
    Scene scene(ExternalCommits::join, *suite);
    EnteredGroup entered = scene.enter("dave", scene.entry("dave")).value();
    CHECK(entered.effects.kind == CommitKind::external);
    CHECK(entered.effects.committer == LeafIndex{3});
    REQUIRE(entered.effects.added.size() == 1);
    CHECK(entered.effects.added[0].leaf == LeafIndex{3});
    CHECK(entered.effects.added[0].proposer.type() == SenderType::newMemberCommit);
    CHECK(entered.effects.updated.empty());
    CHECK(saved(reloaded(entered.group)) == saved(entered.group));
    scene.arrive("dave", std::move(entered));
    CHECK(scene.say("dave", "hello") == 3);
    CHECK(scene.say("bob", "welcome") == 3);
    scene.commit("dave", {});
    scene.commit("carol", {.removes = {scene.leafOf("bob")}});
    // The free place is the newcomer's (§12.4.1).
    EnteredGroup erin = scene.enter("erin", scene.entry("erin")).value();
    CHECK(erin.effects.committer == LeafIndex{1});
    scene.arrive("erin", std::move(erin));
    CHECK(scene.say("erin", "me, too") == 3);
  }
}

TEST_CASE("a tree grows for whoever enters it full, and a group of one is entered") {
  Scene scene;
  for (const char* name : {"p0", "p1", "p2"}) {
    scene.arrive(name, scene.enter(name, scene.entry(name)).value());
  }
  CHECK(scene["alice"].tree().leafCount() == 8);
  CHECK(scene.say("p2", "hello") == 5);
  GroupScene alone;
  alone.policy.externalCommits = ExternalCommits::join;
  alone.foundAlone("alice");
  GroupInfo info = alone["alice"].openGroupInfo({}, TreePlace::outOfBand).value();
  EntryOptions options{.credential = {BasicCredential{toBytes(asBytes("bob"))}},
                       .capabilities = alone.capabilities(),
                       .policy = alone.policy};
  auto& bob = alone.client("bob");
  CHECK(Group::enter(info, bob.signer, options, alone.random).error() == Error(ErrorCode::treeEmpty));
  options.ratchetTree = alone["alice"].tree().nodes();
  EnteredGroup entered = Group::enter(info, bob.signer, options, alone.random).value();
  alone["alice"].apply(std::get<StagedCommit>(alone["alice"].receive(entered.commit).value())).value();
  CHECK(equal(alone["alice"].epochAuthenticator(), entered.group.epochAuthenticator()));
}

TEST_CASE("a member that lost its state takes its own place again") {
  Scene scene;
  Group lost = reloaded(scene["carol"]);
  scene.clients.at("carol").group.reset();
  EntryOptions options = scene.entry("carol");
  options.resync = LeafIndex{2};
  EnteredGroup entered = scene.enter("carol", options).value();
  REQUIRE(entered.effects.removed.size() == 1);
  CHECK(entered.effects.removed[0].proposer.type() == SenderType::newMemberCommit);
  Bytes commit = entered.commit;
  scene.arrive("carol", std::move(entered));
  CHECK(scene.leafOf("carol") == LeafIndex{2});
  CHECK(scene["alice"].members().size() == 3);
  CHECK(scene.say("carol", "again") == 2);
  // The former self learns that it is out.
  auto staged = std::get<StagedCommit>(lost.receive(commit).value());
  CHECK(staged.removesUs());
  lost.apply(std::move(staged)).value();
  CHECK_FALSE(lost.isMember());
}

TEST_CASE("who enters can bring pre-shared keys, and takes leavers out") {
  Scene scene;
  Bytes key(32, 9);
  std::vector<ExternalPskKey> keys{{{1}, key}};
  Bytes past = toBytes(scene["alice"].resumptionPsk({0}).value().expose());
  std::vector<ResumptionPskKey> resumption{{scene["alice"].groupId(), {0}, past}};
  Bytes leave = scene["bob"].propose({SelfRemove{}}, {}, scene.random, WireFormat::publicMessage).value();
  for (const char* name : {"alice", "bob", "carol"}) scene.readProposal(name, leave);
  EntryOptions options = scene.entry("dave");
  std::vector<Bytes> leaves{leave};
  options.selfRemoves = leaves;
  options.externalPsks = {{1}};
  options.resumptionPsks = {{ResumptionPSKUsage::application, scene["alice"].groupId(), {0}}};
  CHECK(scene.enter("dave", options).error() == Error(ErrorCode::unknownPsk, 0));
  options.psks = keys;
  options.resumptionKeys = resumption;
  EnteredGroup entered = scene.enter("dave", options).value();
  CHECK(entered.effects.psks.size() == 2);
  CHECK(entered.effects.removed.size() == 1);
  // carol was not there in epoch 0: she is given its key, too.
  scene.arrive("dave", std::move(entered), {.psks = keys, .resumptionPsks = resumption});
  CHECK_FALSE(scene["bob"].isMember());
  CHECK(scene.leafOf("dave") == LeafIndex{1});

  Bytes notNow = leave;
  leaves = {notNow};
  CHECK(scene.enter("erin", options).error() == Error(ErrorCode::pastEpoch));
}

TEST_CASE("external commits are off unless the policy allows them, on both sides") {
  Scene open;
  EnteredGroup joins = open.enter("dave", open.entry("dave")).value();
  EntryOptions again = open.entry("carol");
  again.resync = LeafIndex{2};
  EnteredGroup resyncs = open.enter("carol", again).value();
  auto with = [&](ExternalCommits allowed) {
    // The same group, and another idea of what it takes.
    Group copy = reloaded(open["alice"]);
    GroupPolicy policy = copy.policy();
    policy.externalCommits = allowed;
    copy.setPolicy(policy);
    return reloaded(copy);
  };
  CHECK(with(ExternalCommits::none).receive(joins.commit).error() == Error(ErrorCode::unsupported));
  CHECK(with(ExternalCommits::join).receive(joins.commit));
  CHECK(with(ExternalCommits::join).receive(resyncs.commit).error() == Error(ErrorCode::unsupported));
  CHECK(with(ExternalCommits::joinAndResync).receive(resyncs.commit));

  EntryOptions closed = open.entry("dave");
  closed.policy = {};
  CHECK(open.enter("dave", closed).error() == Error(ErrorCode::unsupported));
  closed.policy.externalCommits = ExternalCommits::join;
  closed.resync = LeafIndex{2};
  CHECK(open.enter("dave", closed).error() == Error(ErrorCode::unsupported));
  Bytes known = open["alice"].groupId();
  EntryOptions member = open.entry("dave");
  member.groupsJoined = {&known, 1};
  CHECK(open.enter("dave", member).error() == Error(ErrorCode::groupExists));
}

TEST_CASE("a GroupInfo that is not open, not signed by a member or not of this tree lets nobody in") {
  Scene scene;
  auto enter = [&](const GroupInfo& info) {
    return Group::enter(info, scene.client("dave").signer, scene.entry("dave"), scene.random).error();
  };
  CHECK(enter(scene["alice"].groupInfo({}, TreePlace::inlined).value()) == Error(ErrorCode::externalPubMissing));
  GroupInfo info = scene.openInfo("alice");
  GroupInfo changed = info;
  changed.confirmationTag[0] ^= 1;
  CHECK(enter(changed) == Error(ErrorCode::groupInfoSignature));
  changed = info;
  changed.signer = {7};
  CHECK(enter(changed) == Error(ErrorCode::unknownSender, 7));
  changed = info;
  changed.groupContext.cipherSuite = CipherSuiteId{0x7777};
  CHECK(enter(changed) == Error(ErrorCode::unknownSuite));
  auto resigned = [&](GroupInfo other) { return scene.signedBy("alice", std::move(other)); };
  changed = info;
  changed.groupContext.treeHash[0] ^= 1;
  CHECK(enter(resigned(changed)) == Error(ErrorCode::treeHashMismatch));
  changed = info;
  for (Extension& extension : changed.extensions.items) {
    if (extension.type == ExtensionType::externalPub) extension.data = encode(ExternalPub{{1, 2, 3}});
  }
  CHECK(enter(resigned(changed)) == Error(ErrorCode::invalidKey));
}

TEST_CASE("who meets no rule for a leaf does not enter (§7.3, §13.4)") {
  Scene scene;
  EntryOptions poor = scene.entry("dave");
  poor.capabilities.extensions.clear();
  CHECK(scene.enter("dave", poor).error() == Error(ErrorCode::requiredCapability, 3));
  // A member's signature key enters no second time, unless the member goes.
  CHECK(scene.enter("carol", scene.entry("carol")).error().code == ErrorCode::duplicateSignatureKey);
}

TEST_CASE("the proposals of an external commit are the ones it may have (§12.2)") {
  Scene scene;
  EnteredGroup entered = scene.enter("dave", scene.entry("dave")).value();
  auto refusal = [&](auto change) {
    return scene.refusal(
        "bob", scene.resigned("dave", entered, [&](FramedContent& content) { change(Scene::commitOf(content)); }));
  };
  auto byValue = [](Proposal proposal) { return ProposalOrRef{std::move(proposal)}; };
  CHECK(refusal([](Commit& c) { c.proposals.clear(); }) == Error(ErrorCode::externalCommitProposals));
  CHECK(refusal([](Commit& c) { c.proposals.push_back(c.proposals[0]); }) ==
        Error(ErrorCode::externalCommitProposals, 1));
  CHECK(refusal([&](Commit& c) {
          c.proposals.push_back(byValue({Remove{{1}}}));
          c.proposals.push_back(byValue({Remove{{2}}}));
        }) == Error(ErrorCode::externalCommitProposals, 2));
  CHECK(refusal([&](Commit& c) { c.proposals.push_back(byValue({Add{scene.package("erin").keyPackage()}})); }) ==
        Error(ErrorCode::externalCommitProposals, 1));
  CHECK(refusal([&](Commit& c) {
          c.proposals.push_back(byValue({GroupContextExtensions{GroupScene::requiredCapabilities()}}));
        }) == Error(ErrorCode::externalCommitProposals, 1));
  CHECK(refusal([&](Commit& c) { c.proposals.push_back(byValue({Remove{{7}}})); }) ==
        Error(ErrorCode::removeOfBlank, 1));
  LeafNode carol = *scene["carol"].leaf(LeafIndex{2});
  CHECK(refusal([&](Commit& c) { c.proposals.push_back(byValue({Update{carol}})); }) ==
        Error(ErrorCode::updateNotByMember, 1));
  CHECK(refusal([&](Commit& c) { c.proposals.push_back(byValue({SelfRemove{}})); }) ==
        Error(ErrorCode::selfRemoveByValue, 1));
  // Nothing but SelfRemove by reference (§12.4.3.2): who enters cannot judge it.
  Bytes proposal = scene["carol"].propose({Remove{{1}}}, {}, scene.random).value();
  scene.readProposal("bob", proposal);
  ProposalRef ref = scene["bob"].proposals()[0]->ref;
  CHECK(refusal([&](Commit& c) { c.proposals.push_back({ref}); }) == Error(ErrorCode::externalCommitProposals, 1));
}

TEST_CASE("an external commit has a path, is signed with its leaf's key, and its secrets fit") {
  Scene scene;
  EnteredGroup entered = scene.enter("dave", scene.entry("dave")).value();
  auto refusal = [&](auto change) {
    return scene.refusal("bob", scene.resigned("dave", entered, [&](FramedContent& content) { change(content); }));
  };
  CHECK(refusal([](FramedContent& c) { Scene::commitOf(c).path.reset(); }) == Error(ErrorCode::pathMissing));
  CHECK(refusal([](FramedContent& c) { c.content = {Proposal{Remove{{1}}}}; }) == Error(ErrorCode::wrongContentType));
  CHECK(refusal([](FramedContent& c) { Scene::commitOf(c).path->leafNode.source = {UpdateSource{}}; }) ==
        Error(ErrorCode::leafSource));
  CHECK(refusal([](FramedContent& c) { Scene::commitOf(c).path->nodes.pop_back(); }) == Error(ErrorCode::pathLength));
  CHECK(refusal([](FramedContent& c) {
          Scene::commitOf(c).path->leafNode.source = {CommitParentHash{Bytes(48, 1)}};
        }).code == ErrorCode::pathParentHash);
  CHECK(refusal([](FramedContent& c) { Scene::commitOf(c).path->leafNode.signature[0] ^= 1; }) ==
        Error(ErrorCode::leafSignature, 3));
  CHECK(refusal([](FramedContent& c) { Scene::commitOf(c).proposals[0] = {Proposal{ExternalInit{Bytes(5)}}}; }) ==
        Error(ErrorCode::externalInitOutput));
  CHECK(refusal([](FramedContent& c) { c.authenticatedData = {1}; }) == Error(ErrorCode::confirmationTag));
  // Signed by somebody else, or with one bit changed.
  AuthenticatedContent content = Scene::contentOf(entered.commit);
  content.auth.signature[3] ^= 1;
  Bytes forged = encode(MLSMessage{.message = {PublicMessage{content.content, content.auth, {}}}});
  CHECK(scene.refusal("bob", forged) == Error(ErrorCode::messageSignature));
  CHECK(scene["bob"].receive(entered.commit));
}

TEST_CASE("the leaf that takes a former self's place brings a fresh key (§12.2)") {
  Scene scene;
  scene.clients.at("carol").group.reset();
  EntryOptions options = scene.entry("carol");
  options.resync = LeafIndex{2};
  EnteredGroup entered = scene.enter("carol", options).value();
  Bytes old = scene["bob"].leaf(LeafIndex{2})->encryptionKey;
  Bytes message = scene.resigned("carol", entered, [&](FramedContent& content) {
    LeafNode& leaf = Scene::commitOf(content).path->leafNode;
    leaf.encryptionKey = old;
    leaf =
        signLeafNode(scene.suite, leaf, content.groupId, {2}, scene.client("carol").signer.privateKey.expose()).value();
  });
  CHECK(scene.refusal("bob", message) == Error(ErrorCode::leafKeyUnchanged));
}

TEST_CASE("of two who enter at once one gets in, and an own commit that lost to one is gone") {
  Scene scene;
  EnteredGroup first = scene.enter("dave", scene.entry("dave")).value();
  EnteredGroup second = scene.enter("erin", scene.entry("erin")).value();
  scene["bob"].commit({}, {}, scene.random).value();
  scene.arrive("dave", std::move(first));
  CHECK(scene["bob"].pending() == nullptr);
  for (const char* name : {"alice", "bob", "dave"}) {
    CHECK(scene.refusal(name, second.commit) == Error(ErrorCode::pastEpoch));
  }
  scene.arrive("erin", scene.enter("erin", scene.entry("erin")).value());
  CHECK(scene.say("erin", "second try") == 4);
}

}  // namespace
}  // namespace qpq::mls
