#include <catch2/catch_test_macros.hpp>

#include "mls/group/insider_test.h"
#include "mls/schedule/labelled.h"

// RFC 9420 §6.3.2, §7.3, §12.1, §12.4.2: what a member may put before the others one by one, before or inside a commit.
// Made and signed by somebody who is in the group and keeps no rule.
namespace qpq::mls {
namespace {

struct Scene: GroupScene {
  Scene() { found({"alice", "bob", "carol"}); }

  Error refusal(const Bytes& message) {
    Group& bob = (*this)["bob"];
    SavedState before = saved(bob);
    auto received = bob.receive(message);
    require(saved(bob) == before, "what is refused changes nothing");
    require(!received.has_value(), "what breaks a rule is refused");
    return received.error();
  }

  Bytes proposed(Proposal proposal) {
    Insider carol((*this)["carol"], random);
    return carol.seal(carol.sign({std::move(proposal)}), RatchetType::handshake);
  }
  Error proposing(Proposal proposal) { return refusal(proposed(std::move(proposal))); }

  // A leaf of `name` after a change, signed again for that place with the key of `signer`.
  LeafNode resigned(const std::string& name, LeafNode leaf, const std::string& signer) {
    return signLeafNode(suite, std::move(leaf), (*this)["alice"].groupId(), leafOf(name),
                        client(signer).signer.privateKey.expose())
        .value();
  }
  LeafNode updateOf(const std::string& name) { return Insider((*this)[name], random).updateLeaf(); }
};

using LeafChange = std::function<void(LeafNode&)>;

TEST_CASE("an Update of the wrong kind, with an old key or a bad signature is refused when it arrives (§7.3)") {
  Scene scene;
  auto refusal = [&](const LeafChange& change) {
    LeafNode leaf = scene.updateOf("carol");
    change(leaf);
    return scene.proposing({Update{scene.resigned("carol", std::move(leaf), "carol")}});
  };
  CHECK(refusal([](LeafNode& leaf) { leaf.source = {CommitParentHash{Bytes(48, 1)}}; }) ==
        Error(ErrorCode::leafSource));
  CHECK(refusal([](LeafNode& leaf) { leaf.source = {GroupScene::lifetime()}; }) == Error(ErrorCode::leafSource));
  CHECK(refusal([&](LeafNode& leaf) { leaf.encryptionKey = scene["bob"].leaf(LeafIndex{2})->encryptionKey; }) ==
        Error(ErrorCode::leafKeyUnchanged));
  LeafNode forged = scene.updateOf("carol");
  forged.signature[0] ^= 1;
  CHECK(scene.proposing({Update{forged}}) == Error(ErrorCode::leafSignature, 2));
  // Signed for another's place: whoever holds it cannot move it there (§7.2).
  CHECK(scene.proposing({Update{scene.updateOf("bob")}}) == Error(ErrorCode::leafSignature, 2));
}

TEST_CASE("an Update that does not fit the group is refused with the commit that names it (§7.3, §11.1)") {
  Scene scene;
  auto refusal = [&](const LeafChange& change, const std::string& signer) {
    LeafNode leaf = scene.updateOf("carol");
    change(leaf);
    Scene fresh;  // the same group again: bob stores the proposal
    fresh.readProposal("bob", fresh.proposed({Update{fresh.resigned("carol", std::move(leaf), signer)}}));
    Insider alice(fresh["alice"], fresh.random);
    alice.store().put(*fresh["bob"].proposals()[0]);
    return fresh.refusal(alice.commit({.proposals = {{ProposalRef(fresh["bob"].proposals()[0]->ref)}}}));
  };
  CHECK(refusal([](LeafNode& leaf) { leaf.capabilities.extensions.clear(); }, "carol") ==
        Error(ErrorCode::requiredCapability, 2));
  CHECK(refusal([](LeafNode& leaf) { leaf.capabilities.versions = {ProtocolVersion{2}}; }, "carol") ==
        Error(ErrorCode::leafVersionUnsupported, 2));
  CHECK(refusal([](LeafNode& leaf) { leaf.extensions.items.push_back({ExtensionType{0xf0c3}, {}}); }, "carol") ==
        Error(ErrorCode::leafExtensionUnlisted, 2));
  CHECK(refusal([&](LeafNode& leaf) { leaf.encryptionKey = scene["bob"].leaf(LeafIndex{1})->encryptionKey; }, "carol")
            .code == ErrorCode::duplicateEncryptionKey);
  CHECK(
      refusal([&](LeafNode& leaf) { leaf.signatureKey = scene["bob"].leaf(LeafIndex{1})->signatureKey; }, "bob").code ==
      ErrorCode::duplicateSignatureKey);
}

TEST_CASE("the leaf of a path meets every rule a member's leaf has to meet (§7.3, §12.4.2)") {
  Scene scene;
  auto refusal = [&](const LeafChange& change, const std::string& signer = "alice") {
    Insider alice(scene["alice"], scene.random);
    return scene.refusal(alice.commit({.onPath = [&](UpdatePath& path) {
      change(path.leafNode);
      path.leafNode = scene.resigned("alice", std::move(path.leafNode), signer);
    }}));
  };
  CHECK(refusal([](LeafNode& leaf) { leaf.capabilities.extensions.clear(); }) ==
        Error(ErrorCode::requiredCapability, 0));
  CHECK(refusal([](LeafNode& leaf) { leaf.capabilities.versions = {ProtocolVersion{2}}; }) ==
        Error(ErrorCode::leafVersionUnsupported, 0));
  CHECK(refusal([](LeafNode& leaf) { leaf.capabilities.cipherSuites = {CipherSuiteId{1}}; }) ==
        Error(ErrorCode::leafSuiteUnsupported, 0));
  CHECK(refusal([](LeafNode& leaf) { leaf.capabilities.credentials.clear(); }) ==
        Error(ErrorCode::leafCredentialUnlisted, 0));
  CHECK(refusal([](LeafNode& leaf) { leaf.extensions.items.push_back({ExtensionType{0xf0c3}, {}}); }) ==
        Error(ErrorCode::leafExtensionUnlisted, 0));
  CHECK(refusal([](LeafNode& leaf) { leaf.signatureKey.pop_back(); }).code == ErrorCode::leafSignature);
  CHECK(
      refusal([&](LeafNode& leaf) { leaf.signatureKey = scene["bob"].leaf(LeafIndex{1})->signatureKey; }, "bob").code ==
      ErrorCode::duplicateSignatureKey);
}

TEST_CASE("a proposal is judged by itself when it arrives (§12.1)") {
  Scene scene;
  KeyPackage package = scene.package("dave").keyPackage();
  KeyPackage changed = package;
  changed.cipherSuite = CipherSuiteId{1};
  CHECK(scene.proposing({Add{changed}}) == Error(ErrorCode::wrongSuite));
  changed = package;
  changed.signature[0] ^= 1;
  CHECK(scene.proposing({Add{changed}}) == Error(ErrorCode::keyPackageSignature));
  CHECK(scene.proposing({Remove{{3}}}) == Error(ErrorCode::removeOfBlank, 3));
  CHECK(scene.proposing({Remove{{0xffffffff}}}) == Error(ErrorCode::removeOfBlank, 0xffffffff));
  CHECK(scene.proposing({PreSharedKey{{.psk = {ExternalPSK{{1}}}, .pskNonce = Bytes(47)}}}) ==
        Error(ErrorCode::pskNonceLength));
  for (auto usage : {ResumptionPSKUsage::reInit, ResumptionPSKUsage::branch}) {
    PreSharedKeyID other{.psk = {ResumptionPSK{usage, scene["bob"].groupId(), {1}}}, .pskNonce = Bytes(48)};
    CHECK(scene.proposing({PreSharedKey{other}}) == Error(ErrorCode::pskUsage));
  }
  CHECK(scene.proposing({ReInit{}}) == Error(ErrorCode::unsupported));
  CHECK(scene.proposing({ExternalInit{Bytes(1120)}}) == Error(ErrorCode::externalInitInside));
  CHECK(scene.proposing({UnknownProposal{ProposalType{0xf0ff}, {}}}) == Error(ErrorCode::unsupportedProposal));
  Extensions twice{{{kRulesExtension, {}}, {kRulesExtension, {}}}};
  CHECK(scene.proposing({GroupContextExtensions{twice}}).code == ErrorCode::malformed);
  CHECK(scene["bob"].receive(scene.proposed({Add{package}})));
}

TEST_CASE("a sealed message that names a leaf without a member is nobody's, however large the number (§6.3.2)") {
  Scene scene;
  Insider alice(scene["alice"], scene.random);
  ByteView senderDataSecret = alice.state().secrets.senderDataSecret.expose();
  AeadKey key{SecretBytes(std::size_t{32}), SecretBytes(std::size_t{12})};
  for (uint32_t leaf : {3U, 4U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    for (Content content : {Content{ApplicationData{}}, Content{Proposal{Remove{{1}}}}, Content{Commit{}}}) {
      AuthenticatedContent made = alice.sign(std::move(content));
      made.content.sender = {MemberSender{{leaf}}};
      PrivateMessage sealed =
          sealPrivate(scene.suite, std::move(made),
                      {.senderDataSecret = senderDataSecret, .leaf = {leaf}, .generation = {0}, .key = key},
                      scene.random)
              .value();
      CHECK(scene.refusal(encode(MLSMessage{.message = {std::move(sealed)}})) == Error(ErrorCode::unknownSender, leaf));
    }
  }
}

TEST_CASE("a commit in our own name that is not the pending one is not followed") {
  GroupScene scene;
  scene.policy.handshakes = IncomingHandshakes::publicToo;
  scene.found({"alice", "bob"});
  auto make = [&](WireFormat format) {
    Bytes message = scene["alice"].commit({}, {.wireFormat = format}, scene.random).value()->message();
    scene["alice"].discard();
    return message;
  };
  SavedState before = saved(scene["alice"]);
  CHECK(scene["alice"].receive(make(WireFormat::publicMessage)).error() == Error(ErrorCode::ownCommit));
  CHECK(saved(scene["alice"]) == before);
  CHECK(scene["alice"].receive(make(WireFormat::privateMessage)).error() == Error(ErrorCode::ownMessage));
}

// OpenMLS#2134: bytes behind what an extension holds were not looked at.
TEST_CASE("bytes behind what an extension holds are refused") {
  GroupScene scene;
  scene.policy.externalCommits = ExternalCommits::join;
  scene.policy.outsideProposals = OutsideProposals::listedSenders;
  scene.found({"alice", "bob"});
  auto longer = [](Bytes data) {
    data.push_back(0);
    return data;
  };
  GroupInfo info = scene["alice"].openGroupInfo({}).value();
  EntryOptions entry{.credential = {BasicCredential{}}, .capabilities = scene.capabilities(), .policy = scene.policy};
  for (ExtensionType type : {ExtensionType::externalPub, ExtensionType::ratchetTree}) {
    GroupInfo changed = info;
    for (Extension& extension : changed.extensions.items) {
      if (extension.type == type) extension.data = longer(extension.data);
    }
    changed = scene.signedBy("alice", changed);
    CHECK(Group::enter(changed, scene.client("dave").signer, entry, scene.random).error().code == ErrorCode::malformed);
  }
  Insider alice(scene["alice"], scene.random);
  Extensions extensions = GroupScene::requiredCapabilities();
  extensions.items[0].data = longer(extensions.items[0].data);
  Bytes commit = alice.commit({.proposals = Insider::byValue({{GroupContextExtensions{extensions}}})});
  CHECK(scene["bob"].receive(commit).error().code == ErrorCode::malformed);
  extensions = GroupScene::requiredCapabilities();
  ExternalSenders senders{{scene.client("robot").signer.publicKey, {BasicCredential{}}}};
  extensions.items.push_back({ExtensionType::externalSenders, longer(encode(senders))});
  scene.commit("alice", {.groupContextExtensions = extensions});
  FramedContent framed{
      scene["bob"].groupId(), scene["bob"].epoch(), {ExternalSenderIndex{0}}, {}, {Proposal{Remove{{0}}}}};
  AuthenticatedContent made = signContent(scene.suite, scene.client("robot").signer.privateKey.expose(),
                                          WireFormat::publicMessage, std::move(framed), {})
                                  .value();
  Bytes proposal = encode(MLSMessage{.message = {PublicMessage{made.content, made.auth, {}}}});
  CHECK(scene["bob"].receive(proposal).error().code == ErrorCode::malformed);
}

}  // namespace
}  // namespace qpq::mls
