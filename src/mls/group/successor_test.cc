#include "mls/group/successor.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"
#include "mls/schedule/labelled.h"

// RFC 9420 §11.2, §11.3: the group after the group, and the group within it.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

// Everybody is in the first group; what follows is made by hand, as a client would.
struct Scene: GroupScene {
  explicit Scene(const crypto::Suite& suite = crypto::kProductSuite): GroupScene(suite) {
    policy.reInits = ReInits::allowed;
    found(Names{"alice", "bob", "carol"});
  }
  void end(const crypto::Suite& next) {
    Extensions extensions{{{kRulesExtension, {7}}}};
    ReInit ending{toBytes(asBytes("next")), ProtocolVersion::mls10, CipherSuiteId{next.id}, extensions};
    commit("alice", {.others = {{ending}}});
  }
  Credential credential(const std::string& name) const { return {BasicCredential{toBytes(asBytes(name))}}; }
  Capabilities capabilitiesIn(const crypto::Suite& in) const {
    Capabilities can = capabilities();
    can.cipherSuites = {CipherSuiteId{in.id}};
    return can;
  }
  VerifiedKeyPackage packageIn(const crypto::Suite& in, const std::string& name) {
    Client& owner = client(name);
    owner.package =
        createKeyPackage(in, owner.signer,
                         {.credential = credential(name), .capabilities = capabilitiesIn(in), .lifetime = lifetime()},
                         random)
            .value();
    return VerifiedKeyPackage::check(owner.package->keyPackage, in, kNow).value();
  }
  SuccessorOptions options(const crypto::Suite& in, const std::string& by, const Names& others) {
    SuccessorOptions made{.credential = credential(by), .capabilities = capabilitiesIn(in)};
    for (const std::string& name : others) made.others.push_back(packageIn(in, name));
    return made;
  }
  Result<JoinedGroup> joinNext(const std::string& name, const Bytes& welcome, const Group* before) {
    Client& newcomer = client(name);
    auto message = decode<MLSMessage>(welcome).value();
    return Group::join(*message.as<Welcome>(), newcomer.package->keyPackage, newcomer.package->privateKeys,
                       newcomer.signer.privateKey.expose(), {.predecessor = before});
  }
  Bytes branchId() const { return toBytes(asBytes("some of us")); }
};

TEST_CASE("after a ReInit any member makes the successor, in another suite, and the others follow") {
  Scene scene(crypto::kSuiteX25519);
  scene.end(crypto::kProductSuite);
  scene.clients.at("bob").group = reloaded(scene["bob"]);
  Group next = scene["bob"]
                   .reinitialize(scene.client("bob").signer,
                                 scene.options(crypto::kProductSuite, "bob", {"alice", "carol"}), scene.random)
                   .value();
  CHECK(next.suite().id == crypto::kProductSuite.id);
  CHECK(asText(next.groupId()) == "next");
  REQUIRE(next.pending() != nullptr);
  Bytes welcome = next.pending()->welcome().value();
  next = reloaded(next);
  next.merge(next.pending()->digest()).value();
  CHECK(next.epoch() == Epoch{1});
  CHECK(next.extensions() == scene["bob"].reInit()->extensions);
  for (const char* name : {"alice", "carol"}) {
    CHECK(scene.joinNext(name, welcome, nullptr).error() == Error(ErrorCode::pskUsage, 0));
    JoinedGroup joined = scene.joinNext(name, welcome, &scene[name]).value();
    CHECK(equal(joined.group.epochAuthenticator(), next.epochAuthenticator()));
  }
}

TEST_CASE("a successor holds everybody of the group before") {
  Scene scene;
  CHECK(scene["alice"]
            .reinitialize(scene.client("alice").signer, scene.options(scene.suite, "alice", {}), scene.random)
            .error() == Error(ErrorCode::groupNotReinitialized));
  scene.end(scene.suite);
  CHECK(scene["alice"]
            .reinitialize(scene.client("alice").signer, scene.options(scene.suite, "alice", {"bob"}), scene.random)
            .error() == Error(ErrorCode::successorMembers, 2));
  // More may be in it.
  CHECK(scene["alice"].reinitialize(scene.client("alice").signer,
                                    scene.options(scene.suite, "alice", {"bob", "carol", "dave"}), scene.random));
}

TEST_CASE("a branch holds members only, and each of them follows with its own state") {
  Scene scene;
  Group part = scene["alice"]
                   .branch(scene.branchId(), {{{kRulesExtension, {1}}}}, scene.client("alice").signer,
                           scene.options(scene.suite, "alice", {"carol"}), scene.random)
                   .value();
  Bytes welcome = part.pending()->welcome().value();
  part.merge(part.pending()->digest()).value();
  // carol has gone on in the meantime: she still has the secret of that epoch.
  scene.commit("bob", {});
  JoinedGroup joined = scene.joinNext("carol", welcome, &scene["carol"]).value();
  CHECK(equal(joined.group.epochAuthenticator(), part.epochAuthenticator()));
  CHECK(scene.joinNext("carol", welcome, nullptr).error() == Error(ErrorCode::pskUsage, 0));

  CHECK(scene["alice"]
            .branch(scene.branchId(), {}, scene.client("alice").signer,
                    scene.options(scene.suite, "alice", {"carol", "mallory"}), scene.random)
            .error()
            .code == ErrorCode::successorMembers);
}

TEST_CASE("a Welcome of another group's branch opens with nobody's secret but that group's") {
  Scene scene;
  Group part = scene["alice"]
                   .branch(scene.branchId(), {}, scene.client("alice").signer,
                           scene.options(scene.suite, "alice", {"carol"}), scene.random)
                   .value();
  Bytes welcome = part.pending()->welcome().value();
  GroupScene other(scene.suite, 5);
  other.foundAlone("carol");
  GroupOptions options = other.options("carol");
  options.groupId = {9};
  Group unrelated = Group::create(other.suite, other.client("carol").signer, options, other.random).value();
  CHECK(scene.joinNext("carol", welcome, &unrelated).error() == Error(ErrorCode::unknownPsk, 0));
}

TEST_CASE("what a Welcome links to is compared with the group before (§12.4.3.1)") {
  Scene scene;
  const RatchetTree& tree = scene["alice"].tree();
  GroupContext old = scene["alice"].context();
  Group smaller =
      Group::create(scene.suite, scene.client("alice").signer, scene.GroupScene::options("alice"), scene.random)
          .value();
  ReInit ending{{5}, ProtocolVersion::mls10, old.cipherSuite, {}};
  GroupContext next{.cipherSuite = old.cipherSuite, .groupId = {5}, .epoch = {1}};
  auto check = [&](ResumptionPSKUsage usage, const ReInit* reInit, const GroupContext& context,
                   const RatchetTree& after) {
    return checkSuccessor(usage, old, tree, reInit, context, after, sameCredential);
  };
  auto reInit = ResumptionPSKUsage::reInit;
  auto branch = ResumptionPSKUsage::branch;
  CHECK(check(reInit, &ending, next, tree));
  CHECK(check(branch, nullptr, next, smaller.tree()));
  CHECK(check(reInit, nullptr, next, tree).error() == Error(ErrorCode::successorParameters));
  CHECK(check(reInit, &ending, next, smaller.tree()).error() == Error(ErrorCode::successorMembers, 1));
  for (auto change : {+[](GroupContext& c) { c.groupId = {6}; }, +[](GroupContext& c) { c.cipherSuite = {}; },
                      +[](GroupContext& c) { c.extensions.items.push_back({kRulesExtension, {}}); }}) {
    GroupContext changed = next;
    change(changed);
    CHECK(check(reInit, &ending, changed, tree).error() == Error(ErrorCode::successorParameters));
  }
  GroupContext late = next;
  late.epoch = {2};
  CHECK(check(reInit, &ending, late, tree).error() == Error(ErrorCode::successorEpoch));
  CHECK(check(branch, nullptr, late, tree).error() == Error(ErrorCode::successorEpoch));
  GroupContext weaker = next;
  weaker.cipherSuite = CipherSuiteId{1};
  CHECK(check(branch, nullptr, weaker, tree).error() == Error(ErrorCode::successorParameters));
  CHECK(checkSuccessor(branch, old, smaller.tree(), nullptr, next, tree, sameCredential).error() ==
        Error(ErrorCode::successorMembers, 1));
}

}  // namespace
}  // namespace qpq::mls
