#include "mls/group/process_commit.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/group/insider_test.h"
#include "mls/schedule/labelled.h"

// RFC 9420 §12.2, §12.4.2: one commit per rule it breaks, made by a member who signs it all the same.
namespace qpq::mls {
namespace {

using Forgery = Insider::Forgery;

struct Scene: GroupScene {
  Scene() { found({"alice", "bob", "carol", "dave"}); }
  Insider insider() { return Insider((*this)["alice"], random); }

  // What bob says of the commit; it must leave him as he was.
  Error refusal(Forgery forgery) { return refusal(insider().commit(std::move(forgery))); }
  Error refusal(std::vector<Proposal> proposals) {
    return refusal(Forgery{.proposals = Insider::byValue(std::move(proposals))});
  }
  Error refusal(const Bytes& message) {
    Group& bob = (*this)["bob"];
    SavedState before = saved(bob);
    auto received = bob.receive(message);
    require(saved(bob) == before, "a refused commit changes nothing");
    require(!received.has_value(), "a commit against the rules is refused");
    return received.error();
  }

  Add adding(const std::string& name) { return {package(name).keyPackage()}; }
  // A key package signed anew after a change, as its owner could.
  KeyPackage resigned(const std::string& name, KeyPackage changed) {
    ByteView key = client(name).signer.privateKey.expose();
    changed.leafNode = signLeafNode(suite, std::move(changed.leafNode), {}, {}, key).value();
    changed.signature = signWithLabel(suite, key, "KeyPackageTBS", encode(KeyPackageTBS{changed})).value();
    return changed;
  }
};

PreSharedKey psk(std::size_t nonceSize = 48) { return {{.psk = {ExternalPSK{{1}}}, .pskNonce = Bytes(nonceSize, 7)}}; }

TEST_CASE("an honest commit passes, with the proposals that do not ask for a path also without one") {
  Scene scene;
  CHECK(scene["bob"].receive(scene.insider().commit({})));
  Bytes pathless = scene.insider().commit(
      {.proposals = Insider::byValue({Proposal{scene.adding("erin")}}), .path = Forgery::Path::without});
  auto staged = std::get<StagedCommit>(scene["bob"].receive(pathless).value());
  CHECK(staged.effects().updated.empty());
  CHECK(scene["bob"].apply(std::move(staged)));
  CHECK(scene["bob"].members().size() == 5);
}

TEST_CASE("a path is missing where the proposals ask for one, or where there are none") {
  Scene scene;
  auto without = [&](std::vector<Proposal> proposals) {
    return scene.refusal(Forgery{.proposals = Insider::byValue(std::move(proposals)), .path = Forgery::Path::without});
  };
  CHECK(without({}) == Error(ErrorCode::pathMissing));
  CHECK(without({{Remove{{2}}}}) == Error(ErrorCode::pathMissing));
  CHECK(without({{GroupContextExtensions{GroupScene::requiredCapabilities()}}}) == Error(ErrorCode::pathMissing));
  CHECK(without({{scene.adding("erin")}, {Remove{{2}}}}) == Error(ErrorCode::pathMissing));
}

TEST_CASE("proposals that touch the committer are refused") {
  Scene scene;
  CHECK(scene.refusal({{Remove{{2}}}, {Remove{{0}}}}) == Error(ErrorCode::removeOfCommitter, 1));
  CHECK(scene.refusal({{Update{scene.insider().updateLeaf()}}}) == Error(ErrorCode::updateByCommitter, 0));
  CHECK(scene.refusal({{SelfRemove{}}}) == Error(ErrorCode::selfRemoveByValue, 0));
  Bytes leave = scene.leave("alice", {"alice", "bob"});
  Insider alice = scene.insider();
  ProposalRef ref = scene["alice"].proposals()[0]->ref;
  CHECK(scene.refusal(alice.commit({.proposals = {{ref}}})) == Error(ErrorCode::selfRemoveByCommitter, 0));
}

// OpenMLS#1703: an Update and a Remove of one leaf.
TEST_CASE("two proposals for one leaf are refused, and so is a leaf that is blank") {
  Scene scene;
  CHECK(scene.refusal({{Remove{{2}}}, {Remove{{2}}}}) == Error(ErrorCode::conflictingProposals, 1));
  CHECK(scene.refusal({{Remove{{4}}}}) == Error(ErrorCode::removeOfBlank, 0));
  CHECK(scene.refusal({{Remove{{0xffffffff}}}}) == Error(ErrorCode::removeOfBlank, 0));
  Insider carol(scene["carol"], scene.random);
  scene.readProposal("bob", carol.seal(carol.sign({Proposal{Update{carol.updateLeaf()}}}), RatchetType::handshake));
  ProposalRef update = scene["bob"].proposals()[0]->ref;
  Insider alice = scene.insider();
  alice.store().put(*scene["bob"].proposals()[0]);
  CHECK(scene.refusal(alice.commit({.proposals = {{update}, {Proposal{Remove{{2}}}}}})) ==
        Error(ErrorCode::conflictingProposals, 1));
  auto staged = std::get<StagedCommit>(scene["bob"].receive(alice.commit({.proposals = {{update}}})).value());
  REQUIRE(staged.effects().updated.size() == 2);
  CHECK(staged.effects().updated[0].leaf == LeafIndex{2});
}

TEST_CASE("a reference to a proposal nobody has seen is refused") {
  Scene scene;
  CHECK(scene.refusal(Forgery{.proposals = {{ProposalRef(48, 1)}}}) == Error(ErrorCode::unknownProposalRef, 0));
}

TEST_CASE("a client is added once, and not while it is a member") {
  Scene scene;
  CHECK(scene.refusal({{scene.adding("erin")}, {scene.adding("erin")}}) == Error(ErrorCode::duplicateAdd, 1));
  CHECK(scene.refusal({{scene.adding("carol")}}) == Error(ErrorCode::addOfMember, 0));
  CHECK(scene.refusal({{Remove{{3}}}, {scene.adding("carol")}}) == Error(ErrorCode::addOfMember, 1));
  CHECK(scene["bob"].receive(
      scene.insider().commit({.proposals = Insider::byValue({{scene.adding("carol")}, {Remove{{2}}}})})));
}

TEST_CASE("a key package in an Add is checked like one that is taken") {
  Scene scene;
  KeyPackage good = scene.package("erin").keyPackage();
  auto refusal = [&](auto change) {
    KeyPackage changed = good;
    change(changed);
    return scene.refusal({{Add{scene.resigned("erin", std::move(changed))}}});
  };
  CHECK(refusal([](KeyPackage& k) { k.cipherSuite = CipherSuiteId{1}; }) == Error(ErrorCode::wrongSuite, 0));
  CHECK(refusal([](KeyPackage& k) { k.initKey = k.leafNode.encryptionKey; }) == Error(ErrorCode::initKeyReused, 0));
  CHECK(refusal([](KeyPackage& k) { k.initKey.pop_back(); }) == Error(ErrorCode::invalidKey, 0));
  CHECK(refusal([](KeyPackage& k) { k.leafNode.source = {UpdateSource{}}; }) == Error(ErrorCode::leafSource, 0));
  CHECK(refusal([](KeyPackage& k) { k.leafNode.capabilities.credentials.clear(); }) ==
        Error(ErrorCode::leafCredentialUnlisted, 4));
  CHECK(refusal([](KeyPackage& k) { k.leafNode.capabilities.proposals.clear(); }) ==
        Error(ErrorCode::requiredCapability, 4));
  CHECK(refusal([&](KeyPackage& k) { k.leafNode.encryptionKey = scene["bob"].leaf({2})->encryptionKey; }) ==
        Error(ErrorCode::duplicateEncryptionKey, 4));
  KeyPackage unsignedPackage = good;
  unsignedPackage.signature[0] ^= 1;
  CHECK(scene.refusal({{Add{unsignedPackage}}}) == Error(ErrorCode::keyPackageSignature, 0));
  KeyPackage badLeaf = good;
  badLeaf.leafNode.signature[0] ^= 1;
  badLeaf.signature = signWithLabel(scene.suite, scene.client("erin").signer.privateKey.expose(), "KeyPackageTBS",
                                    encode(KeyPackageTBS{badLeaf}))
                          .value();
  CHECK(scene.refusal({{Add{badLeaf}}}) == Error(ErrorCode::leafSignature, 4));
  // The clock is no part of a commit's validity: members could not agree on it.
  KeyPackage expired = good;
  expired.leafNode.source = {Lifetime{0, 1}};
  CHECK(scene["bob"].receive(
      scene.insider().commit({.proposals = Insider::byValue({{Add{scene.resigned("erin", expired)}}})})));
}

// OpenMLS#1928.
TEST_CASE("a pre-shared key stands in a commit once, with a nonce and a purpose that fit") {
  Scene scene;
  CHECK(scene.refusal({{psk()}, {psk()}}) == Error(ErrorCode::duplicatePsk, 1));
  CHECK(scene.refusal({{psk(47)}}) == Error(ErrorCode::pskNonceLength, 0));
  for (auto usage : {ResumptionPSKUsage::reInit, ResumptionPSKUsage::branch}) {
    PreSharedKey other{{.psk = {ResumptionPSK{usage, scene["bob"].groupId(), {1}}}, .pskNonce = Bytes(48, 7)}};
    CHECK(scene.refusal({{other}}) == Error(ErrorCode::pskUsage, 0));
  }
  PreSharedKey far{{.psk = {ResumptionPSK{ResumptionPSKUsage::application, scene["bob"].groupId(), {77}}},
                    .pskNonce = Bytes(48, 7)}};
  CHECK(scene.refusal({{far}}) == Error(ErrorCode::unknownPsk, 0));
}

TEST_CASE("the group's extensions change once per commit, and only to what all members support") {
  Scene scene;
  Extensions same = GroupScene::requiredCapabilities();
  CHECK(scene.refusal({{GroupContextExtensions{same}}, {GroupContextExtensions{same}}}) ==
        Error(ErrorCode::multipleGroupContextExtensions, 1));
  Extensions unknown = same;
  unknown.items.push_back({ExtensionType{0xf0ff}, {}});
  CHECK(scene.refusal({{GroupContextExtensions{unknown}}}).code == ErrorCode::groupExtensionUnsupported);
  Extensions demanding = same;
  demanding.items[0].data = encode(RequiredCapabilities{.proposals = {ProposalType{0xf0ff}}});
  CHECK(scene.refusal({{GroupContextExtensions{demanding}}}).code == ErrorCode::requiredCapability);
  Extensions trailing = same;
  trailing.items[0].data.push_back(0);
  CHECK(scene.refusal({{GroupContextExtensions{trailing}}}).code == ErrorCode::malformed);
}

TEST_CASE("what this build leaves out is refused by name") {
  Scene scene;
  CHECK(scene.refusal({{ReInit{}}}) == Error(ErrorCode::unsupported, 0));
  CHECK(scene.refusal({{ExternalInit{}}}) == Error(ErrorCode::externalInitInside, 0));
  CHECK(scene.refusal({{UnknownProposal{ProposalType{0xf0ff}, {}}}}) == Error(ErrorCode::unsupportedProposal, 0));
  scene.policy.handshakes = IncomingHandshakes::publicToo;
  scene.add("alice", {"erin"});
  for (Sender sender : {Sender{ExternalSenderIndex{}}, Sender{NewMemberProposal{}}, Sender{NewMemberCommit{}}}) {
    AuthenticatedContent content = scene.insider().sign({Proposal{Remove{{2}}}}, WireFormat::publicMessage);
    content.content.sender = sender;
    MLSMessage message{.message = {PublicMessage{content.content, content.auth, {}}}};
    CHECK(scene["erin"].receive(message).error() == Error(ErrorCode::unsupported));
  }
}

TEST_CASE("a confirmation tag that is cut, stretched or changed is refused") {
  Scene scene;
  for (std::size_t size = 0; size < 48; ++size) {
    CHECK(scene.refusal(Forgery{.onTag = [&](MAC& tag) { tag.resize(size); }}) == Error(ErrorCode::confirmationTag));
  }
  CHECK(scene.refusal(Forgery{.onTag = [](MAC& tag) { tag.push_back(0); }}) == Error(ErrorCode::confirmationTag));
  CHECK(scene.refusal(Forgery{.onTag = [](MAC& tag) { tag[47] ^= 1; }}) == Error(ErrorCode::confirmationTag));
}

TEST_CASE("a commit whose signature is not its sender's is refused") {
  Scene scene;
  CHECK(scene.refusal(Forgery{.onSigned = [](AuthenticatedContent& c) { c.auth.signature[5] ^= 1; }}) ==
        Error(ErrorCode::messageSignature));
  CHECK(scene.refusal(Forgery{.onSigned = [](AuthenticatedContent& c) { c.auth.signature.clear(); }}) ==
        Error(ErrorCode::messageSignature));
}

TEST_CASE("the public part of a path is judged by everybody alike") {
  Scene scene;
  CHECK(scene.refusal(Forgery{.onPath = [](UpdatePath& p) { p.nodes.pop_back(); }}) == Error(ErrorCode::pathLength));
  CHECK(scene.refusal(Forgery{.onPath = [](UpdatePath& p) { p.nodes[1].encryptedPathSecret.pop_back(); }}).code ==
        ErrorCode::pathCiphertexts);
  CHECK(scene.refusal(Forgery{.onPath = [](UpdatePath& p) { p.nodes[0].encryptionKey[0] ^= 1; }}).code ==
        ErrorCode::pathParentHash);
  CHECK(scene.refusal(Forgery{.onPath = [](UpdatePath& p) { p.leafNode.signature[0] ^= 1; }}).code ==
        ErrorCode::leafSignature);
  Insider alice = scene.insider();
  LeafNode update = alice.updateLeaf();
  CHECK(scene.refusal(Forgery{.onPath = [&](UpdatePath& p) { p.leafNode = update; }}) == Error(ErrorCode::leafSource));
}

TEST_CASE("whoever cannot read only the secret meant for it says bad path, and the others go on") {
  Scene scene;
  // alice is leaf 0: her path's first node is sealed to bob, the second to carol and dave.
  auto spoilBob = [](UpdatePath& path) { path.nodes[0].encryptedPathSecret[0].ciphertext[3] ^= 1; };
  Bytes message = scene.insider().commit({.onPath = spoilBob});
  CHECK(scene.refusal(message).code == ErrorCode::badPath);
  for (const char* name : {"carol", "dave"}) {
    scene[name].apply(std::get<StagedCommit>(scene[name].receive(message).value())).value();
  }
  CHECK(equal(scene["carol"].epochAuthenticator(), scene["dave"].epochAuthenticator()));

  // bob asks, and is added again by one who went on.
  scene.clients.at("bob").group.reset();
  scene.clients.at("alice").group.reset();
  CommitPlan plan{.removes = {{1}, {0}}};
  plan.adds.push_back(scene.package("bob"));
  scene.commit("carol", plan);
  CHECK(scene.say("bob", "there again") == 2);
}

// OpenMLS#1943.
TEST_CASE("a member that is removed does not count when capabilities are compared") {
  GroupScene scene;
  scene.foundAlone("alice");
  Capabilities poor = scene.capabilities();
  poor.extensions.clear();
  GroupOptions options = scene.options("alice");
  options.groupContextExtensions = {};
  scene.client("alice").group = Group::create(scene.suite, scene.client("alice").signer, options, scene.random).value();
  scene.add("alice", {"bob"});
  auto& mallory = scene.client("mallory");
  mallory.package = createKeyPackage(scene.suite, mallory.signer,
                                     {.credential = {BasicCredential{toBytes(asBytes("mallory"))}},
                                      .capabilities = poor,
                                      .lifetime = GroupScene::lifetime()},
                                     scene.random)
                        .value();
  CommitPlan add;
  add.adds.push_back(VerifiedKeyPackage::check(mallory.package->keyPackage, scene.suite, kNow).value());
  scene.commit("alice", add);
  CommitPlan require{.groupContextExtensions = GroupScene::requiredCapabilities()};
  CHECK(scene["alice"].commit(require, {}, scene.random).error() == Error(ErrorCode::requiredCapability, 2));
  require.removes = {scene.leafOf("mallory")};
  scene.commit("alice", require);
  CHECK(scene["bob"].extensions() == GroupScene::requiredCapabilities());
}

}  // namespace
}  // namespace qpq::mls
