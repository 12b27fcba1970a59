#include "mls/group/outside_proposal.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/framing/content.h"
#include "mls/group/group_scene_test.h"

// RFC 9420 §12.1.8: proposals of those who are no members.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

struct Scene: GroupScene {
  explicit Scene(OutsideProposals allowed = OutsideProposals::newMembersToo): GroupScene() {
    policy.outsideProposals = allowed;
    policy.reInits = ReInits::allowed;
    foundAlone("alice");
    Extensions extensions = requiredCapabilities();
    ExternalSenders senders{{client("robot").signer.publicKey, {BasicCredential{toBytes(asBytes("robot"))}}}};
    extensions.items.push_back({ExtensionType::externalSenders, encode(senders)});
    CommitPlan plan{.groupContextExtensions = extensions};
    for (const char* name : {"bob", "carol"}) plan.adds.push_back(package(name));
    commit("alice", plan);
  }
  ProposalPlace place() { return {suite, (*this)["alice"].groupId(), (*this)["alice"].epoch()}; }
  Bytes robot(Proposal proposal, uint32_t index = 0) {
    return proposeAsExternalSender(place(), index, client("robot").signer.privateKey.expose(), std::move(proposal))
        .value();
  }
  void all(const Bytes& message) {
    for (const char* name : {"alice", "bob", "carol"}) {
      if ((*this)[name].isMember()) readProposal(name, message);
    }
  }
  std::vector<ProposalRef> refs() {
    std::vector<ProposalRef> refs;
    for (const StoredProposal* stored : (*this)["alice"].proposals()) refs.push_back(stored->ref);
    return refs;
  }
  Error refusal(const Bytes& message) {
    SavedState before = saved((*this)["bob"]);
    auto received = (*this)["bob"].receive(message);
    require(saved((*this)["bob"]) == before && !received, "refused, and nothing changed");
    return received.error();
  }
  // Any content under any sender, signed with any key.
  Bytes forged(Sender sender, Content content, const std::string& by) {
    FramedContent framed{place().groupId, place().epoch, sender, {}, std::move(content)};
    AuthenticatedContent made =
        signContent(suite, client(by).signer.privateKey.expose(), WireFormat::publicMessage, std::move(framed), {})
            .value();
    return encode(MLSMessage{.message = {PublicMessage{made.content, made.auth, {}}}});
  }
};

TEST_CASE("a listed sender proposes, and a member makes it so") {
  Scene scene;
  scene.all(scene.robot({Add{scene.package("dave").keyPackage()}}));
  scene.all(scene.robot({Remove{scene.leafOf("carol")}}));
  const StoredProposal& stored = *scene["alice"].proposals()[0];
  CHECK(stored.sender == Sender{ExternalSenderIndex{0}});
  CHECK_FALSE(scene["alice"].leaf(stored.sender));
  CommitPlan plan{.references = scene.refs()};
  Bytes message = scene["alice"].commit(plan, {}, scene.random).value()->message();
  auto staged = std::get<StagedCommit>(scene["bob"].receive(message).value());
  CHECK(staged.effects().added[0].proposer == Sender{ExternalSenderIndex{0}});
  CHECK_FALSE(staged.effects().removed[0].proposer == scene.leafOf("carol"));
  scene.deliver("alice", message, scene["alice"].pending()->welcome());
  CHECK_FALSE(scene["carol"].isMember());
  CHECK(scene.say("dave", "thank you, robot") == 2);
}

TEST_CASE("somebody asks to be added with its own key package") {
  Scene scene;
  KeyPackage package = scene.package("dave").keyPackage();
  scene.all(proposeToJoin(scene.place(), scene.client("dave").signer.privateKey.expose(), package).value());
  CommitPlan plan{.references = scene.refs()};
  scene.commit("bob", plan);
  CHECK(scene.say("dave", "hello") == 3);
}

TEST_CASE("nobody outside is heard unless the policy says so") {
  Scene listed(OutsideProposals::listedSenders);
  CHECK(listed["bob"].receive(listed.robot({Remove{{2}}})));
  KeyPackage package = listed.package("dave").keyPackage();
  Bytes asks = proposeToJoin(listed.place(), listed.client("dave").signer.privateKey.expose(), package).value();
  CHECK(listed.refusal(asks) == Error(ErrorCode::unsupported));
  GroupPolicy policy = listed["bob"].policy();
  policy.outsideProposals = OutsideProposals::none;
  listed["bob"].setPolicy(policy);
  CHECK(listed.refusal(listed.robot({Remove{{2}}})) == Error(ErrorCode::unsupported));
}

TEST_CASE("a listed sender proposes only what the RFC lets it") {
  Scene scene;
  for (Proposal proposal : {Proposal{Update{}}, Proposal{ExternalInit{}}, Proposal{SelfRemove{}},
                            Proposal{UnknownProposal{ProposalType{0xf0ff}, {}}}}) {
    ByteView key = scene.client("robot").signer.privateKey.expose();
    CHECK(proposeAsExternalSender(scene.place(), 0, key, proposal).error() == Error(ErrorCode::externalProposalType));
  }
  Extensions rules = scene["bob"].extensions();
  CHECK(scene["bob"].receive(scene.robot({GroupContextExtensions{rules}})));
  PreSharedKeyID psk{.psk = {ExternalPSK{{1}}}, .pskNonce = Bytes(48, 7)};
  CHECK(scene["bob"].receive(scene.robot({PreSharedKey{psk}})));
  CHECK(scene["bob"].receive(scene.robot({ReInit{{1}, ProtocolVersion::mls10, CipherSuiteId{scene.suite.id}, {}}})));
  CHECK(scene.refusal(scene.robot({Remove{{9}}})) == Error(ErrorCode::removeOfBlank, 9));
}

TEST_CASE("types an outsider must not send are refused from the wire, too") {
  Scene scene;
  LeafNode leaf = *scene["bob"].leaf(LeafIndex{2});
  Sender robot{ExternalSenderIndex{0}};
  for (const Proposal& proposal : {Proposal{Update{leaf}}, Proposal{SelfRemove{}}, Proposal{ExternalInit{}}}) {
    CHECK(scene.refusal(scene.forged(robot, {proposal}, "robot")) == Error(ErrorCode::externalProposalType));
  }
  CHECK(scene.refusal(scene.forged({NewMemberProposal{}}, {Proposal{Remove{{1}}}}, "dave")) ==
        Error(ErrorCode::externalProposalType));
}

TEST_CASE("a sender that is not listed, or signs with another key, is not heard") {
  Scene scene;
  CHECK(scene.refusal(scene.robot({Remove{{1}}}, 1)) == Error(ErrorCode::unknownSender, 1));
  ByteView other = scene.client("mallory").signer.privateKey.expose();
  Bytes forged = proposeAsExternalSender(scene.place(), 0, other, {Remove{{1}}}).value();
  CHECK(scene.refusal(forged) == Error(ErrorCode::messageSignature));
  KeyPackage package = scene.package("dave").keyPackage();
  CHECK(scene.refusal(proposeToJoin(scene.place(), other, package).value()) == Error(ErrorCode::messageSignature));
  // Without the extension nobody is listed.
  scene.commit("alice", {.groupContextExtensions = GroupScene::requiredCapabilities()});
  CHECK(scene.refusal(scene.robot({Remove{{1}}})) == Error(ErrorCode::unknownSender, 0));
  Extensions broken = GroupScene::requiredCapabilities();
  broken.items.push_back({ExtensionType::externalSenders, {9, 9}});
  scene.commit("alice", {.groupContextExtensions = broken});
  CHECK(scene.refusal(scene.robot({Remove{{1}}})).code == ErrorCode::malformed);
}

TEST_CASE("outsiders send proposals, never commits or messages (§6.1)") {
  Scene scene;
  CHECK(scene.refusal(scene.forged({ExternalSenderIndex{0}}, {Commit{}}, "robot")) ==
        Error(ErrorCode::wrongContentType));
  CHECK(scene.refusal(scene.forged({NewMemberProposal{}}, {Commit{}}, "dave")) == Error(ErrorCode::wrongContentType));
  CHECK(scene.refusal(scene.forged({ExternalSenderIndex{0}}, {ApplicationData{}}, "robot")) ==
        Error(ErrorCode::wrongContentType));
}

TEST_CASE("a proposal for another group or epoch is not of this one") {
  Scene scene;
  ProposalPlace elsewhere = scene.place();
  elsewhere.groupId = {7};
  ByteView key = scene.client("robot").signer.privateKey.expose();
  CHECK(scene.refusal(proposeAsExternalSender(elsewhere, 0, key, {Remove{{1}}}).value()) ==
        Error(ErrorCode::wrongGroup));
  Bytes late = scene.robot({Remove{{1}}});
  scene.commit("alice", {});
  CHECK(scene.refusal(late) == Error(ErrorCode::pastEpoch));
}

}  // namespace
}  // namespace qpq::mls
