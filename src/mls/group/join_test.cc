#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"

// RFC 9420 §12.4.3.1: one Welcome per rule it breaks, sealed and signed anew by a member who would do such a thing.
namespace qpq::mls {
namespace {

struct Scene: GroupScene {
  Scene() {
    found({"alice", "bob"});
    CommitPlan plan;
    plan.adds.push_back(package("carol"));
    genuine = *decode<MLSMessage>(clients.at("alice").group->commit(plan, {}, random).value()->welcome().value())
                   ->as<Welcome>();
    const Client& carol = client("carol");
    OpenedWelcome opened =
        openWelcome(suite, genuine, carol.package->keyPackage, carol.package->privateKeys.initKey.expose(), {}).value();
    info = std::move(opened.groupInfo);
    secrets = std::move(opened.secrets);
  }

  // The Welcome as `info` and `secrets` stand, signed by alice.
  Welcome forged() {
    info = signedBy("alice", std::move(info));
    return sealed();
  }
  Welcome sealed() {
    Newcomer carol{&client("carol").package->keyPackage,
                   secrets.pathSecret ? &secrets.pathSecret->pathSecret : nullptr};
    return sealWelcome(suite, encode(info), secrets.joinerSecret.expose(), zeroSecret(suite).expose(), secrets.psks,
                       std::span(&carol, 1), random)
        .value();
  }
  Result<JoinedGroup> join(const Welcome& welcome, JoinOptions options = {}) {
    const Client& carol = client("carol");
    return Group::join(welcome, carol.package->keyPackage, carol.package->privateKeys, carol.signer.privateKey.expose(),
                       std::move(options));
  }
  void dropTree() {
    std::erase_if(info.extensions.items, [](const Extension& e) { return e.type == ExtensionType::ratchetTree; });
  }
  RatchetTreeNodes tree() const {
    return decode<RatchetTreeNodes>(info.extensions.find(ExtensionType::ratchetTree)->data).value();
  }
  void setTree(const RatchetTreeNodes& nodes) {
    dropTree();
    info.extensions.items.push_back({ExtensionType::ratchetTree, encode(nodes)});
  }

  Welcome genuine;
  GroupInfo info;
  GroupSecrets secrets;
};

TEST_CASE("the genuine Welcome joins, and so does the same sealed anew") {
  Scene scene;
  CHECK(scene.join(scene.genuine));
  CHECK(scene.join(scene.forged()));
}

TEST_CASE("a tree may come beside the Welcome, but it comes") {
  Scene scene;
  RatchetTreeNodes nodes = scene.tree();
  scene.dropTree();
  Welcome treeless = scene.forged();
  CHECK(scene.join(treeless).error() == Error(ErrorCode::treeEmpty));
  CHECK(scene.join(treeless, {.ratchetTree = nodes}));
  nodes.pop_back();
  CHECK_FALSE(scene.join(treeless, {.ratchetTree = nodes}));
}

TEST_CASE("a Welcome of another suite or for another key package is refused") {
  Scene scene;
  Welcome other = scene.genuine;
  other.cipherSuite = CipherSuiteId{0x7777};
  CHECK(scene.join(other).error() == Error(ErrorCode::unknownSuite));
  other.cipherSuite = CipherSuiteId{crypto::kSuiteX25519.id};
  CHECK(scene.join(other).error() == Error(ErrorCode::wrongSuite));
  scene.package("carol");
  CHECK(scene.join(scene.genuine).error() == Error(ErrorCode::unknownKeyPackage));
  // Addressed to this package, but the tree holds the leaf of the one before.
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::ownLeafMissing));
}

TEST_CASE("private keys that are not the package's are noticed") {
  Scene scene;
  auto& carol = scene.client("carol");
  auto joinWith = [&](ByteView initKey, ByteView leafKey, ByteView signatureKey) {
    return Group::join(scene.genuine, carol.package->keyPackage, {SecretBytes(initKey), SecretBytes(leafKey)},
                       signatureKey, {})
        .error();
  };
  const KeyPackagePrivateKeys& keys = carol.package->privateKeys;
  ByteView signer = carol.signer.privateKey.expose();
  CHECK(joinWith(keys.leafKey.expose(), keys.leafKey.expose(), signer) == Error(ErrorCode::decryptionFailed));
  CHECK(joinWith(keys.initKey.expose(), keys.initKey.expose(), signer) == Error(ErrorCode::privateKeyMismatch, 4));
  CHECK(joinWith(keys.initKey.expose(), keys.leafKey.expose(), scene.client("bob").signer.privateKey.expose()) ==
        Error(ErrorCode::privateKeyMismatch));
}

TEST_CASE("a GroupInfo is signed by another member of its tree") {
  Scene scene;
  scene.info.signature[0] ^= 1;
  CHECK(scene.join(scene.sealed()).error() == Error(ErrorCode::groupInfoSignature));
  scene.info.signer = {1};
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::groupInfoSignature));
  scene.info.signer = {2};
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::unknownSender, 2));
  scene.info.signer = {3};
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::unknownSender, 3));
}

TEST_CASE("tree and context belong together") {
  Scene scene;
  RatchetTreeNodes nodes = scene.tree();
  std::get<LeafNode>(nodes[2]->body).signature[0] ^= 1;
  scene.setTree(nodes);
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::treeHashMismatch));
  scene.info.groupContext.treeHash = toBytes(RatchetTree::fromNodes(scene.suite, nodes)->treeHash());
  // The sibling of a leaf stands in the parent hash of whoever made the path.
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::parentHashInvalid, 1));
  scene.info.extensions.items.back().data.push_back(0);
  CHECK(scene.join(scene.forged()).error().code == ErrorCode::malformed);
}

TEST_CASE("what the GroupContext says enters the keys, so it cannot be changed") {
  Scene scene;
  scene.info.groupContext.epoch = {9};
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::confirmationTag));
  Scene other;
  other.info.groupContext.cipherSuite = CipherSuiteId{crypto::kSuiteX25519.id};
  CHECK(other.join(other.forged()).error() == Error(ErrorCode::wrongSuite));
  Scene extended;
  extended.info.groupContext.extensions.items.push_back({ExtensionType{0xf0ff}, {}});
  CHECK(extended.join(extended.forged()).error() == Error(ErrorCode::groupExtensionUnsupported, 0));
}

TEST_CASE("a GroupInfo's confirmation tag of any other length is refused") {
  Scene scene;
  MAC tag = scene.info.confirmationTag;
  for (std::size_t size = 0; size < tag.size(); ++size) {
    scene.info.confirmationTag = Bytes(tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::confirmationTag));
  }
  scene.info.confirmationTag = tag;
  scene.info.confirmationTag.push_back(0);
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::confirmationTag));
}

TEST_CASE("a newcomer's path secret is the one of the tree") {
  Scene scene;
  SecretBytes genuine = scene.secrets.pathSecret->pathSecret.clone();
  scene.secrets.pathSecret->pathSecret = SecretBytes(genuine.expose().first(47));
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::pathSecretLength));
  scene.secrets.pathSecret->pathSecret = genuine.clone();
  scene.secrets.pathSecret->pathSecret.writable()[0] ^= 1;
  CHECK(scene.join(scene.forged()).error().code == ErrorCode::pathKeyMismatch);
}

TEST_CASE("a Welcome with a pre-shared key of another purpose is refused") {
  Scene scene;
  scene.secrets.psks.push_back(
      {.psk = {ResumptionPSK{ResumptionPSKUsage::branch, {1}, {1}}}, .pskNonce = Bytes(48, 1)});
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::pskUsage, 0));
  // Two links to groups before.
  scene.secrets.psks.push_back(
      {.psk = {ResumptionPSK{ResumptionPSKUsage::reInit, {1}, {1}}}, .pskNonce = Bytes(48, 1)});
  CHECK(scene.join(scene.forged()).error() == Error(ErrorCode::pskUsage, 1));
}

}  // namespace
}  // namespace qpq::mls
