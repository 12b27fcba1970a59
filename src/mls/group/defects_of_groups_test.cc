#include <catch2/catch_test_macros.hpp>

#include "mls/group/insider_test.h"
#include "mls/group/outside_proposal.h"

// What went wrong in other implementations, continued: trees, proposals, policy, storage.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

// 2. hpke-rs GHSA-g433-pq76-6cmf: a derivation longer than the KDF can give.
TEST_CASE("an exported secret is never longer than the KDF can make it") {
  GroupScene scene;
  scene.found(Names{"alice"});
  CHECK(scene["alice"].exportSecret("x", {}, 255 * 48));
  CHECK(scene["alice"].exportSecret("x", {}, 255 * 48 + 1).error() == Error(ErrorCode::cryptoFailure));
  CHECK(scene["alice"].exportSecret("x", {}, 1U << 16).error() == Error(ErrorCode::cryptoFailure));
}

TEST_CASE("an external_pub of low order lets nobody in") {
  GroupScene scene(crypto::kSuiteX25519);
  scene.policy.externalCommits = ExternalCommits::join;
  scene.found(Names{"alice", "bob"});
  GroupInfo info = scene["alice"].openGroupInfo({}).value();
  for (Extension& extension : info.extensions.items) {
    if (extension.type == ExtensionType::externalPub) extension.data = encode(ExternalPub{Bytes(32)});
  }
  info = scene.signedBy("alice", info);
  EntryOptions options{.credential = {BasicCredential{}}, .capabilities = scene.capabilities(), .policy = scene.policy};
  CHECK(Group::enter(info, scene.client("dave").signer, options, scene.random).error() == Error(ErrorCode::invalidKey));
}

// 12. OpenMLS#1797: the tree was cut between the proposals of one commit.
TEST_CASE("the tree is cut when all removals are done, and grows again for the same commit's Adds") {
  GroupScene scene(crypto::kSuiteX25519);
  Names names;
  for (int i = 0; i < 9; ++i) names.push_back("p" + std::to_string(i));
  scene.found(names);
  CHECK(scene["p0"].tree().leafCount() == 16);
  CommitPlan plan;
  for (uint32_t leaf = 4; leaf < 9; ++leaf) plan.removes.push_back({leaf});
  plan.adds.push_back(scene.package("q0"));
  scene.commit("p0", plan);
  CHECK(scene["p0"].tree().leafCount() == 8);
  CHECK(scene.leafOf("q0") == LeafIndex{4});
  CHECK(scene.say("q0", "hello") == 4);
}

// 12. mls-rs#339: an index over the tree was stale after an update of one's own leaf.
TEST_CASE("after a member has changed its signature key, the old one is free and the new one is not") {
  GroupScene scene(crypto::kSuiteX25519);
  scene.found(Names{"alice", "bob"});
  crypto::SignatureKeyPair fresh = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  CommitPlan renew;
  renew.ownLeaf.signatureKey = &fresh;
  scene.commit("alice", renew);
  // Somebody with alice's old key is another client; one with her new key is her.
  CommitPlan old;
  old.adds.push_back(scene.package("alice"));
  CHECK(scene["bob"].commit(old, {}, scene.random));
  scene["bob"].discard();
  scene.client("alice").signer = {fresh.privateKey.clone(), fresh.publicKey};
  CommitPlan again;
  again.adds.push_back(scene.package("alice"));
  CHECK(scene["bob"].commit(again, {}, scene.random).error() == Error(ErrorCode::addOfMember, 0));
}

// 13. mlspp#429: a listed sender proposed what it must not.
TEST_CASE("an external sender cannot make what members would refuse") {
  GroupScene scene;
  ProposalPlace place{scene.suite, {1}, {0}};
  ByteView key = scene.client("robot").signer.privateKey.expose();
  CHECK(proposeAsExternalSender(place, 0, key, {Update{}}).error() == Error(ErrorCode::externalProposalType));
  CHECK(proposeAsExternalSender(place, 0, key, {ExternalInit{}}).error() == Error(ErrorCode::externalProposalType));
}

// 13. mls-rs#319, #323: default types in capabilities, and a version behind the one that matters.
TEST_CASE("default types in capabilities mean nothing, and a leaf without MLS 1.0 is refused") {
  GroupScene scene;
  scene.foundAlone("alice");
  auto adding = [&](Capabilities can) -> Result<const PendingCommit*> {
    auto& bob = scene.client("bob");
    NewKeyPackage made = TRY(createKeyPackage(
        scene.suite, bob.signer,
        {.credential = {BasicCredential{}}, .capabilities = std::move(can), .lifetime = GroupScene::lifetime()},
        scene.random));
    CommitPlan plan;
    plan.adds.push_back(TRY(VerifiedKeyPackage::check(made.keyPackage, scene.suite, kNow)));
    return scene["alice"].commit(plan, {}, scene.random);
  };
  Capabilities listed = scene.capabilities();
  listed.extensions.push_back(ExtensionType::ratchetTree);
  listed.proposals.push_back(ProposalType::add);
  CHECK(adding(listed));
  scene["alice"].discard();
  Capabilities newer = scene.capabilities();
  newer.versions = {ProtocolVersion{2}, ProtocolVersion::mls10};
  CHECK(adding(newer));
  scene["alice"].discard();
  newer.versions = {ProtocolVersion{2}};
  CHECK(adding(newer).error() == Error(ErrorCode::leafVersionUnsupported));
}

// 14. OpenMLS#2143, #2149: a GroupInfo signed with the key of before.
TEST_CASE("whoever changes its key signs what it tells newcomers with the new one") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  crypto::SignatureKeyPair fresh = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  CommitPlan plan;
  plan.ownLeaf.signatureKey = &fresh;
  plan.adds.push_back(scene.package("carol"));
  scene.commit("alice", plan);
  GroupInfo info = scene["alice"].openGroupInfo({}).value();
  CHECK(verifyGroupInfo(scene.suite, info, fresh.publicKey));
  CHECK(checkGroupInfo(scene["bob"].tree(), info));
}

// 15. Cremers, Günsay, Wesselkamp, Zhao: groups are weaker where outsiders may commit and propose.
TEST_CASE("outsiders, ReInit and handshakes in clear are off unless they are asked for") {
  GroupPolicy policy;
  CHECK(policy.handshakes == IncomingHandshakes::privateOnly);
  CHECK(policy.externalCommits == ExternalCommits::none);
  CHECK(policy.outsideProposals == OutsideProposals::none);
  CHECK(policy.reInits == ReInits::none);
  CHECK(policy.customProposals.empty());
  CHECK(decode<GroupPolicy>(encode(policy)) == policy);
}

// 17. A crash at every write of every operation: what was not written has not happened, and is done again.
TEST_CASE("whatever was not written down is done again from what was, and comes to the same") {
  GroupScene scene(crypto::kSuiteX25519);
  scene.found(Names{"alice", "bob", "carol"});
  Group bob = reloaded(scene["bob"]);
  // Every step twice: once lost before its write, once kept.
  auto twice = [&](const Bytes& message, auto take) {
    Group lost = reloaded(bob);
    take(lost, message);
    take(bob, message);
    CHECK(saved(lost) == saved(bob));
    bob = reloaded(bob);
  };
  auto read = [](Group& group, const Bytes& message) { group.receive(message).value(); };
  auto propose = [](Group& group, const Bytes& message) {
    group.apply(std::get<StagedProposal>(group.receive(message).value())).value();
  };
  auto follow = [](Group& group, const Bytes& message) {
    group.apply(std::get<StagedCommit>(group.receive(message).value())).value();
  };
  twice(scene["alice"].protect(asBytes("one"), {}, scene.random).value(), read);
  Bytes update = scene["carol"].proposeUpdate({}, {}, scene.random).value();
  twice(update, propose);
  for (const char* name : {"alice", "carol"}) scene.readProposal(name, update);
  CommitPlan plan{.references = {scene["alice"].proposals()[0]->ref}};
  plan.adds.push_back(scene.package("dave"));
  const PendingCommit* pending = scene["alice"].commit(plan, {}, scene.random).value();
  Bytes message = pending->message();
  twice(message, follow);
  scene.clients.at("bob").group.reset();
  scene.deliver("alice", message, Bytes(*pending->welcome()));
  CHECK(equal(bob.epochAuthenticator(), scene["carol"].epochAuthenticator()));
}

}  // namespace
}  // namespace qpq::mls
