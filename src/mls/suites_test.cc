#include <array>
#include <catch2/catch_test_macros.hpp>

#include "crypto/foreign_suite_test.h"
#include "mls/group/group_scene_test.h"

// Everything above the suite is the same code for each; here each goes once through all of it.
namespace qpq::mls {
namespace {

TEST_CASE("a group lives in every suite, with handshakes in clear and sealed") {
  for (const crypto::Suite& suite : crypto::kSuites) {
    for (WireFormat format : {WireFormat::publicMessage, WireFormat::privateMessage}) {
      INFO(suite.name << ", wire format " << static_cast<int>(format));
      GroupScene scene(suite);
      scene.policy.handshakes = IncomingHandshakes::publicToo;
      scene.found({"alice", "bob", "carol"});
      scene.commit("bob", {}, {.authenticatedData = {}, .groupInfoExtensions = {}, .wireFormat = format});
      CHECK(scene.say("carol", "hello") == 2);

      Bytes removal = scene["bob"].propose({Remove{scene.leafOf("carol")}}, {}, scene.random, format).value();
      for (const char* reader : {"alice", "bob", "carol"}) scene.readProposal(reader, removal);
      CommitPlan plan;
      plan.references = {scene["alice"].proposals().front()->ref};
      scene.commit("alice", plan);
      CHECK_FALSE(scene["carol"].isMember());
      scene["bob"] = reloaded(scene["bob"]);
      CHECK(scene.say("bob", "again") == 1);
      SecretBytes exported = scene["alice"].exportSecret("label", {}, 32).value();
      CHECK(equal(exported.expose(), scene["bob"].exportSecret("label", {}, 32).value().expose()));
    }
  }
}

TEST_CASE("a suite is joined and loaded only where it is offered") {
  const std::array offered{crypto::kSuiteTsMls83, crypto::kSuiteXWing.under(0x0008)};
  for (const crypto::Suite& suite : offered) {
    INFO("suite " << suite.id);
    GroupScene scene(suite);
    scene.foundAlone("alice");
    CommitPlan plan;
    plan.adds.push_back(scene.package("bob"));
    const PendingCommit* pending = scene["alice"].commit(plan, {}, scene.random).value();
    Bytes welcome = *pending->welcome();
    CHECK(scene.join("bob", welcome).error() == Error(ErrorCode::unknownSuite));
    scene["alice"].merge(crypto::Hash32(pending->digest())).value();

    GroupScene::Client& bob = scene.client("bob");
    auto message = decode<MLSMessage>(welcome).value();
    bob.group = Group::join(*message.as<Welcome>(), bob.package->keyPackage, bob.package->privateKeys,
                            bob.signer.privateKey.expose(), {.suites = offered})
                    .value()
                    .group;
    CHECK(scene.say("alice", "hello") == 1);
    CHECK(Group::load(scene["bob"].save()).error() == Error(ErrorCode::damagedState));
    scene["bob"] = Group::load(scene["bob"].save(), offered).value();
    CHECK(scene.say("bob", "hello") == 1);
    // A commit is made and read: path keys are derived as the suite derives them.
    Bytes commit = scene["bob"].commit({}, {}, scene.random).value()->message();
    scene["alice"].apply(std::get<StagedCommit>(scene["alice"].receive(commit).value())).value();
    scene["bob"].merge(crypto::Hash32(scene["bob"].pending()->digest())).value();
    scene.requireAgreement();
  }
}

}  // namespace
}  // namespace qpq::mls
