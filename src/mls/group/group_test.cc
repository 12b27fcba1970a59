#include "mls/group/group.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"

namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

std::string text(const Result<SecretBytes>& secret) { return toHex(secret.value().expose()); }

TEST_CASE("alice creates a group, adds bob, and they talk") {
  GroupScene scene;
  scene.foundAlone("alice");
  CHECK(scene["alice"].epoch() == Epoch{0});
  CommitPlan plan;
  plan.adds.push_back(scene.package("bob"));
  const PendingCommit* pending =
      scene["alice"]
          .commit(plan,
                  {.authenticatedData = asBytes("terms"), .groupInfoExtensions = {{{ExtensionType{0xf0c2}, {1, 2}}}}},
                  scene.random)
          .value();
  Bytes message = pending->message();
  JoinedGroup joined = scene.join("bob", pending->welcome().value()).value();
  CHECK(joined.adder == LeafIndex{0});
  CHECK(joined.group.ownLeaf() == LeafIndex{1});
  CHECK(joined.groupInfoExtensions == Extensions{{{ExtensionType{0xf0c2}, {1, 2}}}});

  auto echo = std::get<OwnCommit>(scene["alice"].receive(message).value());
  CommitEffects effects = scene["alice"].merge(echo.digest).value();
  CHECK(asText(effects.authenticatedData) == "terms");
  REQUIRE(effects.added.size() == 1);
  CHECK(GroupScene::nameOf(effects.added[0].node.credential) == "bob");
  CHECK(scene["alice"].pending() == nullptr);

  scene.client("bob").group = std::move(joined.group);
  scene.requireAgreement();
  CHECK(scene.say("alice", "hello bob") == 1);
  CHECK(scene.say("bob", "hello alice") == 1);
  CHECK(scene.say("alice", std::string(70'000, 'x')) == 1);
}

TEST_CASE("many are added by one commit and read one Welcome") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol", "dave", "erin"});
  CHECK(scene["erin"].members().size() == 5);
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"}) CHECK(scene.say(name, name) == 4);
}

TEST_CASE("a staged commit shows what it would do and changes nothing until it is applied") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  CommitPlan plan{.removes = {scene.leafOf("carol")}, .groupContextExtensions = GroupScene::requiredCapabilities()};
  plan.groupContextExtensions->items[1].data = {7};
  plan.adds.push_back(scene.package("dave"));
  Bytes message =
      scene["alice"].commit(plan, {.authenticatedData = asBytes("roster")}, scene.random).value()->message();

  SavedState before = saved(scene["bob"]);
  auto staged = std::get<StagedCommit>(scene["bob"].receive(message).value());
  CHECK(saved(scene["bob"]) == before);
  const CommitEffects& effects = staged.effects();
  CHECK(effects.committer == LeafIndex{0});
  CHECK(effects.epoch == Epoch{2});
  CHECK(asText(effects.authenticatedData) == "roster");
  REQUIRE(effects.removed.size() == 1);
  CHECK(effects.removed[0].leaf == LeafIndex{2});
  CHECK(GroupScene::nameOf(effects.removed[0].node.credential) == "carol");
  CHECK(effects.removed[0].proposer == LeafIndex{0});
  REQUIRE(effects.added.size() == 1);
  CHECK(effects.added[0].leaf == LeafIndex{2});
  REQUIRE(effects.updated.size() == 1);
  CHECK(effects.updated[0].leaf == LeafIndex{0});
  CHECK(effects.updated[0].before.encryptionKey != effects.updated[0].after.encryptionKey);
  REQUIRE(effects.extensions);
  CHECK(effects.extensions->before == scene["bob"].extensions());
  CHECK(effects.extensions->after == *plan.groupContextExtensions);
  CHECK(staged.members().size() == 3);
  CHECK(GroupScene::nameOf(staged.leaf({2})->credential) == "dave");
  CHECK(staged.extensions() == *plan.groupContextExtensions);
  CHECK_FALSE(staged.removesUs());
  // Refused by dropping it: the epoch goes on, and the commit could still be read.
  CHECK(saved(scene["bob"]) == before);
  CHECK(scene["bob"].receive(message));
}

TEST_CASE("a removed member learns of it, keeps no secret and reads nothing sent afterwards") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  Bytes message = scene["alice"].commit({.removes = {scene.leafOf("carol")}}, {}, scene.random).value()->message();
  auto staged = std::get<StagedCommit>(scene["carol"].receive(message).value());
  CHECK(staged.removesUs());
  CHECK(staged.members().size() == 2);
  Group outsider = reloaded(scene["carol"]);  // one that did not listen
  scene.deliver("alice", message, {});

  Group& carol = scene["carol"];
  CHECK_FALSE(carol.isMember());
  CHECK(carol.epochAuthenticator().empty());
  for (const auto& [key, value] : saved(carol)) {
    RecordKind kind = decode<RecordKey>(key)->kind;
    CHECK((kind == RecordKind::group || kind == RecordKind::epoch || kind == RecordKind::node));
  }
  CHECK(saved(reloaded(carol)) == saved(carol));

  Bytes secret = scene["alice"].protect(asBytes("without carol"), {}, scene.random).value();
  CHECK(carol.receive(secret).error() == Error(ErrorCode::removedFromGroup));
  CHECK(outsider.receive(secret).error() == Error(ErrorCode::futureEpoch));
  CHECK(carol.protect({}, {}, scene.random).error() == Error(ErrorCode::removedFromGroup));
  CHECK(carol.propose({SelfRemove{}}, {}, scene.random).error() == Error(ErrorCode::removedFromGroup));
  CHECK(carol.commit({}, {}, scene.random).error() == Error(ErrorCode::removedFromGroup));
  CHECK(carol.preview({}).error() == Error(ErrorCode::removedFromGroup));
  CHECK(carol.exportSecret("x", {}, 32).error() == Error(ErrorCode::removedFromGroup));
  CHECK(carol.groupInfo({}).error() == Error(ErrorCode::removedFromGroup));
  CHECK(carol.apply(std::move(staged)).error() == Error(ErrorCode::removedFromGroup));
}

TEST_CASE("a device that lost its state is removed and added again by one commit") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol", "dave"});
  LeafIndex before = scene.leafOf("carol");
  scene.clients.at("carol").group.reset();
  CommitPlan plan{.removes = {before}};
  plan.adds.push_back(scene.package("carol"));
  CommitPreview preview = scene["bob"].preview(plan).value();
  CHECK(preview.added == std::vector<LeafIndex>{before});
  scene.commit("bob", plan);
  CHECK(scene.leafOf("carol") == before);
  CHECK(scene.say("carol", "back again") == 3);
}

TEST_CASE("the members after a plan are known before its commit is made") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  CommitPlan plan{.removes = {scene.leafOf("bob")}};
  plan.adds.push_back(scene.package("dave"));
  plan.adds.push_back(scene.package("erin"));
  SavedState before = saved(scene["alice"]);
  CommitPreview preview = scene["alice"].preview(plan).value();
  CHECK(saved(scene["alice"]) == before);
  scene.commit("alice", plan);
  CHECK(preview.members == scene["carol"].members());
  CHECK(preview.added == std::vector<LeafIndex>{scene.leafOf("dave"), scene.leafOf("erin")});
}

TEST_CASE("a lost commit is discarded and the intent made again") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  CommitPlan wish{.removes = {scene.leafOf("carol")}};
  Bytes lost = scene["bob"].commit(wish, {}, scene.random).value()->message();
  CHECK(scene["bob"].commit({}, {}, scene.random).error() == Error(ErrorCode::commitPending));
  scene.commit("alice", {});  // came first in the order
  CHECK(scene["bob"].pending() == nullptr);
  CHECK(scene["bob"].receive(lost).error() == Error(ErrorCode::pastEpoch));
  CHECK(scene["carol"].receive(lost).error() == Error(ErrorCode::pastEpoch));
  scene.commit("bob", wish);
  CHECK_FALSE(scene["carol"].isMember());

  scene["bob"].commit({}, {}, scene.random).value();
  scene["bob"].discard();
  CHECK(scene["bob"].pending() == nullptr);
  CHECK(scene["bob"].merge({}).error() == Error(ErrorCode::noCommitPending));
  scene.commit("bob", {});
}

TEST_CASE("a crash between sending and merging loses nothing: the echo is known after a restart") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  CommitPlan plan;
  plan.adds.push_back(scene.package("carol"));
  const PendingCommit* pending = scene["alice"].commit(plan, {.authenticatedData = asBytes("t")}, scene.random).value();
  Bytes message = pending->message();
  std::optional<Bytes> welcome = pending->welcome();
  std::string token = text(pending->exportSecret("qpq append", asBytes("log"), 32));
  CommitEffects effects = pending->effects();
  CHECK(pending->members().size() == 3);

  Group restarted = reloaded(scene["alice"]);
  REQUIRE(restarted.pending() != nullptr);
  CHECK(restarted.pending()->message() == message);
  CHECK(restarted.pending()->welcome() == welcome);
  CHECK(restarted.pending()->effects() == effects);
  CHECK(restarted.pending()->digest() == crypto::sha256(message));
  CHECK(text(restarted.pending()->exportSecret("qpq append", asBytes("log"), 32)) == token);
  scene.clients.at("alice").group = std::move(restarted);
  scene.deliver("alice", message, welcome);
  CHECK(text(scene["bob"].exportSecret("qpq append", asBytes("log"), 32)) == token);
  CHECK(scene.say("carol", "hello") == 2);
}

TEST_CASE("while a commit is undecided, messages of its epoch still travel") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  const PendingCommit* pending = scene["alice"].commit({}, {}, scene.random).value();
  Bytes message = pending->message();
  CHECK(scene.say("bob", "before") == 1);
  CHECK(scene.say("alice", "before, too") == 1);
  scene.clients.at("alice").group = reloaded(scene["alice"]);
  scene.deliver("alice", message, {});
}

TEST_CASE("a commit with another author's digest, or none, merges nothing") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  CHECK(scene["alice"].merge({}).error() == Error(ErrorCode::noCommitPending));
  scene["alice"].commit({}, {}, scene.random).value();
  SavedState before = saved(scene["alice"]);
  CHECK(scene["alice"].merge(crypto::sha256(ByteView())).error() == Error(ErrorCode::noCommitPending));
  CHECK(saved(scene["alice"]) == before);
}

TEST_CASE("the exporter gives all members one secret per label, context and epoch") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  std::string first = text(scene["alice"].exportSecret("qpq append", asBytes("log"), 32));
  CHECK(first == text(scene["bob"].exportSecret("qpq append", asBytes("log"), 32)));
  CHECK(first != text(scene["bob"].exportSecret("qpq ephemeral", asBytes("log"), 32)));
  scene.commit("alice", {});
  CHECK(first != text(scene["alice"].exportSecret("qpq append", asBytes("log"), 32)));
}

TEST_CASE("a signature key is replaced by a commit, and what follows is signed with the new one") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  crypto::SignatureKeyPair fresh = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  CommitPlan plan;
  plan.ownLeaf.signatureKey = &fresh;
  plan.ownLeaf.credential = Credential{BasicCredential{toBytes(asBytes("alice"))}};
  plan.adds.push_back(scene.package("carol"));
  CHECK(scene["alice"].preview(plan)->members[0].signatureKey == fresh.publicKey);
  scene.commit("alice", plan);  // carol verifies the GroupInfo with the new key, bob the commit with the old one
  CHECK(scene["bob"].leaf({0})->signatureKey == fresh.publicKey);
  CHECK(scene.say("alice", "still me") == 2);
  scene.commit("alice", {});
}

TEST_CASE("a GroupInfo of the epoch verifies and carries what it is given") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  GroupInfo info = scene["bob"].groupInfo({{{ExtensionType{0xf0c2}, {9}}}}).value();
  CHECK(info.signer == LeafIndex{1});
  CHECK(info.groupContext == scene["alice"].context());
  CHECK(verifyGroupInfo(scene.suite, info, scene["alice"].leaf({1})->signatureKey));
  info.extensions.items[0].data = {8};
  CHECK(verifyGroupInfo(scene.suite, info, scene["alice"].leaf({1})->signatureKey).error() ==
        Error(ErrorCode::groupInfoSignature));
  CHECK(scene["bob"].groupInfo({{{ExtensionType{1}, {}}, {ExtensionType{1}, {}}}}).error() ==
        Error(ErrorCode::duplicateExtension));
}

TEST_CASE("an external pre-shared key enters the epoch of members and newcomers alike") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  Bytes key(32, 5);
  std::vector<ExternalPskKey> keys{{{1, 2, 3}, key}};
  CommitPlan plan{.externalPsks = {{1, 2, 3}}};
  plan.adds.push_back(scene.package("carol"));
  CHECK(scene["alice"].commit(plan, {}, scene.random).error() == Error(ErrorCode::unknownPsk, 0));
  const PendingCommit* pending = scene["alice"].commit(plan, {}, scene.random, keys).value();
  Bytes message = pending->message();
  CHECK(scene["bob"].receive(message).error() == Error(ErrorCode::unknownPsk, 0));
  std::vector<ExternalPskKey> wrong{{{1, 2, 3}, ByteView(key).first(31)}};
  CHECK(scene["bob"].receive(message, {.psks = wrong}).error() == Error(ErrorCode::confirmationTag));
  auto staged = std::get<StagedCommit>(scene["bob"].receive(message, {.psks = keys}).value());
  CHECK(staged.effects().psks.size() == 1);
  scene["bob"].apply(std::move(staged)).value();

  auto welcome = *decode<MLSMessage>(pending->welcome().value())->as<Welcome>();
  auto& carol = scene.client("carol");
  auto join = [&](std::span<const ExternalPskKey> psks) {
    return Group::join(welcome, carol.package->keyPackage, carol.package->privateKeys, carol.signer.privateKey.expose(),
                       {.psks = psks});
  };
  CHECK(join({}).error() == Error(ErrorCode::unknownPsk, 0));
  CHECK(join(wrong).error() == Error(ErrorCode::decryptionFailed));
  carol.group = std::move(join(keys).value().group);
  scene["alice"].merge(pending->digest()).value();
  scene.requireAgreement();
}

TEST_CASE("public handshakes are refused unless the group's policy takes them") {
  GroupScene scene;
  scene.policy.handshakes = IncomingHandshakes::publicToo;
  scene.found(Names{"alice", "bob"});
  scene.policy.handshakes = IncomingHandshakes::privateOnly;
  scene.add("alice", {"carol"});
  Bytes proposal = scene["alice"].propose({SelfRemove{}}, {}, scene.random, WireFormat::publicMessage).value();
  CHECK(scene["carol"].receive(proposal).error() == Error(ErrorCode::wrongWireFormat));
  CHECK_FALSE(std::get<StagedProposal>(scene["bob"].receive(proposal).value()).isOwn());
  CHECK(std::get<StagedProposal>(scene["alice"].receive(proposal).value()).isOwn());
  Bytes commit = scene["alice"].commit({}, {.wireFormat = WireFormat::publicMessage}, scene.random).value()->message();
  CHECK(scene["carol"].receive(commit).error() == Error(ErrorCode::wrongWireFormat));
  CHECK(std::holds_alternative<OwnCommit>(scene["alice"].receive(commit).value()));
  scene["bob"].apply(std::get<StagedCommit>(scene["bob"].receive(commit).value())).value();
  scene["alice"].merge(scene["alice"].pending()->digest()).value();
  CHECK(equal(scene["alice"].epochAuthenticator(), scene["bob"].epochAuthenticator()));
}

TEST_CASE("a gap told to the group lets its senders be that much further ahead, for this epoch") {
  GroupScene scene;
  scene.policy.window = {.forwardStepsMax = 3, .skippedKeysMax = 2};
  scene.found(Names{"alice", "bob"});
  auto say = [&](int times) {
    Bytes last;
    for (int i = 0; i < times; ++i) last = scene["alice"].protect(asBytes("x"), {}, scene.random).value();
    return last;
  };
  CHECK(scene["bob"].receive(say(4)));  // generation 3, three steps ahead
  Bytes far = say(6);
  CHECK(scene["bob"].receive(far).error() == Error(ErrorCode::generationTooFar, 9));
  scene["bob"].tellGap(2);
  scene.clients.at("bob").group = reloaded(scene["bob"]);
  CHECK(scene["bob"].receive(far));
  scene["bob"].tellGap(0xffffffff);
  scene["bob"].tellGap(0xffffffff);
  CHECK(scene["bob"].receive(say(200)));
  scene.commit("alice", {});
  CHECK(scene["bob"].receive(say(5)).error() == Error(ErrorCode::generationTooFar, 4));
}

TEST_CASE("own application messages cannot be read back, and say so") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  Bytes message = scene["alice"].protect(asBytes("x"), {}, scene.random).value();
  CHECK(scene["alice"].receive(message).error() == Error(ErrorCode::ownMessage));
}

TEST_CASE("messages of other groups, epochs and kinds are told apart") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  GroupScene other(crypto::kProductSuite, 2);
  other.found(Names{"alice", "bob"});
  Bytes elsewhere = other["alice"].protect(asBytes("x"), {}, other.random).value();
  CHECK_FALSE(scene["bob"].receive(elsewhere));  // the same group id by chance: not its secrets
  auto moved = decode<MLSMessage>(elsewhere).value();
  std::get<PrivateMessage>(moved.message.body).groupId = {1};
  CHECK(scene["bob"].receive(moved).error() == Error(ErrorCode::wrongGroup));
  MLSMessage package{.message = {scene.package("carol").keyPackage()}};
  CHECK(scene["bob"].receive(package).error() == Error(ErrorCode::wrongWireFormat));
  CHECK(scene["bob"].receive(ByteView()).error().code == ErrorCode::malformed);
}

TEST_CASE("a transition staged before the group changed is stale") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  Bytes leave = scene["carol"].propose({SelfRemove{}}, {}, scene.random).value();
  auto proposal = std::get<StagedProposal>(scene["bob"].receive(leave).value());
  Bytes first = scene["alice"].commit({}, {}, scene.random).value()->message();
  auto commit = std::get<StagedCommit>(scene["bob"].receive(first).value());
  auto again = std::get<StagedCommit>(scene["bob"].receive(first).value());
  scene["bob"].apply(std::move(commit)).value();
  SavedState before = saved(scene["bob"]);
  CHECK(scene["bob"].apply(std::move(again)).error() == Error(ErrorCode::staleTransition));
  CHECK(scene["bob"].apply(std::move(proposal)).error() == Error(ErrorCode::staleTransition));
  CHECK(saved(scene["bob"]) == before);
}

TEST_CASE("who lacks what the group requires is not added") {
  GroupScene scene;
  scene.foundAlone("alice");
  GroupScene::Client& bob = scene.client("bob");
  Capabilities poor = scene.capabilities();
  poor.extensions.clear();
  bob.package =
      createKeyPackage(scene.suite, bob.signer,
                       {.credential = {BasicCredential{}}, .capabilities = poor, .lifetime = GroupScene::lifetime()},
                       scene.random)
          .value();
  CommitPlan plan;
  plan.adds.push_back(VerifiedKeyPackage::check(bob.package->keyPackage, scene.suite, kNow).value());
  SavedState before = saved(scene["alice"]);
  CHECK(scene["alice"].commit(plan, {}, scene.random).error() == Error(ErrorCode::requiredCapability, 1));
  CHECK(saved(scene["alice"]) == before);
}

}  // namespace
}  // namespace qpq::mls
