#include <catch2/catch_test_macros.hpp>

#include "mls/group/insider_test.h"

// draft-ietf-mls-extensions, SelfRemove: a member says it leaves, and whoever commits next makes it so.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("who leaves is removed by the next commit, whatever else that commit is about") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol", "dave"});
  scene.leave("carol", {"alice", "bob", "carol", "dave"});
  scene.add("alice", {"erin"});
  CHECK_FALSE(scene["carol"].isMember());
  CHECK(scene["bob"].members().size() == 4);
  CHECK(scene.leafOf("erin") == LeafIndex{2});  // OpenMLS#1793: the place is free in the same commit
  CHECK(scene.say("erin", "hello") == 3);
}

TEST_CASE("the effects name the leaver as the one who proposed") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  scene.leave("carol", {"alice", "bob"});
  Bytes message = scene["alice"].commit({}, {}, scene.random).value()->message();
  auto staged = std::get<StagedCommit>(scene["bob"].receive(message).value());
  REQUIRE(staged.effects().removed.size() == 1);
  CHECK(staged.effects().removed[0].leaf == LeafIndex{2});
  CHECK(staged.effects().removed[0].proposer == LeafIndex{2});
}

TEST_CASE("a commit that leaves out a SelfRemove of its epoch is refused by whoever received it") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  scene.leave("carol", {"bob"});  // alice has not read it
  Bytes message = scene["alice"].commit({}, {}, scene.random).value()->message();
  SavedState before = saved(scene["bob"]);
  CHECK(scene["bob"].receive(message).error() == Error(ErrorCode::selfRemoveNotCovered, 2));
  CHECK(saved(scene["bob"]) == before);
  // carol sent it, but its place in the order is not known to her: she follows.
  CHECK(std::holds_alternative<StagedCommit>(scene["carol"].receive(message).value()));
}

TEST_CASE("the leaver reads its own SelfRemove back, and only then it counts") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  Bytes leave = scene["bob"].propose({SelfRemove{}}, asBytes("terms"), scene.random).value();
  CHECK(scene["bob"].proposals().empty());
  CHECK(scene["bob"].propose({SelfRemove{}}, {}, scene.random).error() == Error(ErrorCode::conflictingProposals));
  scene.clients.at("bob").group = reloaded(scene["bob"]);
  auto echo = std::get<StagedProposal>(scene["bob"].receive(leave).value());
  CHECK(echo.isOwn());
  CHECK(asText(echo.proposal().authenticatedData) == "terms");
  scene["bob"].apply(std::move(echo)).value();
  CHECK(scene["bob"].proposals().size() == 1);
  CHECK(scene["bob"].receive(leave).error() == Error(ErrorCode::ownMessage));
  // It waits for somebody else's commit now.
  CHECK(scene["bob"].commit({}, {}, scene.random).error() == Error(ErrorCode::selfRemoveByCommitter, 0));
  CHECK(scene["bob"].protect(asBytes("x"), {}, scene.random).error() == Error(ErrorCode::proposalsPending));
  scene.readProposal("alice", leave);
  scene.commit("alice", {});
  CHECK_FALSE(scene["bob"].isMember());
  CHECK(scene["alice"].members().size() == 1);
}

TEST_CASE("a SelfRemove ends with its epoch: it can be said again in the next") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  Bytes lost = scene["carol"].propose({SelfRemove{}}, {}, scene.random).value();
  scene.commit("alice", {});
  CHECK(scene["bob"].receive(lost).error() == Error(ErrorCode::pastEpoch));
  scene.leave("carol", {"alice", "bob", "carol"});
  scene.commit("bob", {});
  CHECK_FALSE(scene["carol"].isMember());
}

TEST_CASE("a second SelfRemove of a member, and a Remove beside the first, are refused") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  scene.leave("carol", {"alice", "bob"});
  Insider carol(scene["carol"], scene.random);
  auto say = [&](Bytes terms) {
    AuthenticatedContent leave = carol.sign({Proposal{SelfRemove{}}}, WireFormat::privateMessage, std::move(terms));
    return carol.seal(std::move(leave), RatchetType::handshake);
  };
  CHECK(scene["bob"].receive(say({1})).error() == Error(ErrorCode::conflictingProposals, 2));
  scene.readProposal("bob", say({}));  // the same words signed again are the same proposal
  CHECK(scene["bob"].proposals().size() == 1);
  CHECK(scene["alice"].commit({.removes = {{2}}}, {}, scene.random).error() ==
        Error(ErrorCode::conflictingProposals, 1));
}

TEST_CASE("in a group where a member does not know SelfRemove nobody can use it") {
  GroupScene scene;
  GroupOptions options = scene.options("alice");
  options.groupContextExtensions = {};
  options.capabilities.proposals.clear();
  scene.client("alice").group = Group::create(scene.suite, scene.client("alice").signer, options, scene.random).value();
  scene.add("alice", {"bob"});
  CHECK(scene["bob"].propose({SelfRemove{}}, {}, scene.random).error() == Error(ErrorCode::unsupportedProposal, 0));
}

TEST_CASE("several leave at once") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol", "dave", "erin"});
  for (const char* name : {"bob", "dave", "erin"}) scene.leave(name, {"alice", "bob", "carol", "dave", "erin"});
  scene.commit("carol", {});
  CHECK(scene["carol"].members().size() == 2);
  CHECK(scene.say("alice", "quiet here") == 1);
}

}  // namespace
}  // namespace qpq::mls
