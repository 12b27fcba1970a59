#include "mls/tree/validate.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>

#include "mls/tree/certificate_scene_test.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/tree_scene_test.h"

namespace qpq::mls {
namespace {

const crypto::Suite& kPlain = crypto::kSuiteX25519;

// A group of eleven that has seen everything: paths, updates, removals, newcomers nobody has merged.
TreeScene livedInGroup(const crypto::Suite& suite) {
  TreeScene scene(suite, 7);
  scene.commit({0}, {.adds = 8});
  scene.commit({5}, {.adds = 3});
  scene.commit({10});
  scene.commit({2}, {.updates = {{7}}, .removes = {{3}, {9}}});
  scene.commit({7}, {.removes = {{0}}, .adds = 1});
  scene.commit({4}, {.adds = 2});
  return scene;
}

// The verdict on a changed tree by a joiner who was given the hash of exactly that tree.
std::optional<Error> verdict(const TreeScene& scene, RatchetTreeNodes nodes) {
  auto tree = RatchetTree::fromNodes(scene.suite, std::move(nodes));
  if (!tree) return tree.error();
  auto valid = validateTree(*tree, scene.contextOf(*tree));
  return valid ? std::nullopt : std::optional(valid.error());
}

using LeafChange = std::function<void(LeafNode&)>;
using ParentChange = std::function<void(ParentNode&)>;

std::vector<LeafChange> leafChanges() {
  return {
      [](LeafNode& leaf) { leaf.encryptionKey[0] ^= 1; },
      [](LeafNode& leaf) { leaf.encryptionKey.push_back(0); },
      [](LeafNode& leaf) { leaf.signatureKey[0] ^= 1; },
      [](LeafNode& leaf) { leaf.signatureKey.clear(); },
      [](LeafNode& leaf) { std::get<BasicCredential>(leaf.credential.body).identity.push_back('!'); },
      [](LeafNode& leaf) { leaf.credential = {X509Credential{{{certificateFor(leaf.signatureKey)}}}}; },
      [](LeafNode& leaf) { leaf.capabilities.versions.push_back(ProtocolVersion{2}); },
      [](LeafNode& leaf) { leaf.capabilities.cipherSuites.push_back(CipherSuiteId{2}); },
      [](LeafNode& leaf) { leaf.capabilities.extensions.clear(); },
      [](LeafNode& leaf) { leaf.capabilities.proposals.clear(); },
      [](LeafNode& leaf) { leaf.capabilities.credentials.clear(); },
      [](LeafNode& leaf) { leaf.source = {Lifetime{1, 2}}; },
      [](LeafNode& leaf) { leaf.source = {CommitParentHash{Bytes(32, 1)}}; },
      [](LeafNode& leaf) { leaf.extensions.items.push_back({ExtensionType{0xf0c1}, {}}); },
      [](LeafNode& leaf) { leaf.signature[5] ^= 1; },
      [](LeafNode& leaf) { leaf.signature.pop_back(); },
      [](LeafNode& leaf) { leaf.signature.clear(); },
  };
}

std::vector<ParentChange> parentChanges(uint32_t place) {
  std::vector<ParentChange> changes{
      [](ParentNode& parent) { parent.encryptionKey[0] ^= 1; },
      [](ParentNode& parent) { parent.encryptionKey.push_back(0); },
      [](ParentNode& parent) { parent.encryptionKey.clear(); },
      [](ParentNode& parent) { parent.parentHash.push_back(0); },
      [](ParentNode& parent) {
        if (parent.parentHash.empty()) {
          parent.parentHash = Bytes(32, 1);
        } else {
          parent.parentHash.clear();  // mls-rs#342, #360: a null parent hash
        }
      },
  };
  LeafRange below = leavesBelow({place});
  for (uint32_t i = 0; i < below.count; ++i) {
    LeafIndex leaf{below.first.value + i};
    changes.push_back([leaf](ParentNode& parent) {  // one unmerged leaf more, or one less
      auto at = std::ranges::lower_bound(parent.unmergedLeaves, leaf);
      if (at != parent.unmergedLeaves.end() && *at == leaf) {
        parent.unmergedLeaves.erase(at);
      } else {
        parent.unmergedLeaves.insert(at, leaf);
      }
    });
  }
  return changes;
}

void checkEveryMutation(const TreeScene& scene) {
  RatchetTreeNodes nodes = scene.tree.nodes();
  REQUIRE_FALSE(verdict(scene, nodes));
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i]) continue;
    INFO("node " << i);
    RatchetTreeNodes changed = nodes;
    if (isLeaf({i})) {
      for (const LeafChange& change : leafChanges()) {
        changed[i] = nodes[i];
        change(std::get<LeafNode>(changed[i]->body));
        CHECK(verdict(scene, changed));
      }
    } else {
      for (const ParentChange& change : parentChanges(i)) {
        changed[i] = nodes[i];
        change(std::get<ParentNode>(changed[i]->body));
        CHECK(verdict(scene, changed));
      }
    }
    // Another node's content, or nothing: the GroupContext's tree hash tells.
    for (const std::optional<Node>& other : {nodes[(i + 2) % nodes.size()], std::optional<Node>()}) {
      changed[i] = other;
      auto tree = RatchetTree::fromNodes(scene.suite, changed);
      if (!tree || nodes[i] == other) continue;
      CHECK(validateTree(*tree, scene.context()).error() == Error(ErrorCode::treeHashMismatch));
    }
  }
}

TEST_CASE("a joiner refuses the tree after any change of any field of any node") {
  checkEveryMutation(livedInGroup(kPlain));
  checkEveryMutation(livedInGroup(crypto::kProductSuite));
}

TEST_CASE("a path replayed from before a parent changed does not make a chain (RFC 9420 appendix B)") {
  TreeScene scene(kPlain, 1);
  scene.commit({0}, {.adds = 3});
  RatchetTreeNodes before = scene.tree.nodes();
  scene.commit({2});
  RatchetTreeNodes after = scene.tree.nodes();
  REQUIRE_FALSE(verdict(scene, after));
  // Leaf 0 still carries a parent hash of the old root. Putting the old root back breaks leaf 2's chain.
  after[3] = before[3];
  CHECK(verdict(scene, after) == Error(ErrorCode::parentHashInvalid, 3));
}

TEST_CASE("an unmerged leaf cannot be hidden from a node above it (RFC 9420 §7.9.2)") {
  // Leaf 1 sets the root alone, as leaf 0 is blank; then leaf 0 is filled again and unmerged at the root. The root's
  // parent hash does not cover the subtree it was set from, so nothing but the resolution tells.
  TreeScene scene(kPlain, 2);
  scene.commit({0}, {.adds = 3});
  scene.commit({1}, {.removes = {{0}}});
  RatchetTree tree = scene.tree;
  CHECK(tree.add(scene.newMember().first) == LeafIndex{0});
  RatchetTreeNodes nodes = tree.nodes();
  CHECK(std::get<ParentNode>(nodes[3]->body).unmergedLeaves == std::vector<LeafIndex>{{0}});
  CHECK_FALSE(verdict(scene, nodes));
  std::get<ParentNode>(nodes[3]->body).unmergedLeaves.clear();
  CHECK(verdict(scene, nodes) == Error(ErrorCode::parentHashInvalid, 3));
}

// A tree of two by a member who may sign whatever it likes.
struct Pair {
  TreeScene scene{kPlain, 3};
  Pair() { scene.commit({0}, {.adds = 1}); }

  // The tree after leaf 1 has been changed and signed again by its own key.
  RatchetTree with(const LeafChange& change) {
    LeafNode leaf = *scene.tree.leaf({1});
    change(leaf);
    RatchetTree tree = scene.tree;
    auto privateKey = scene.members.at({1}).signer.privateKey.expose();
    tree.update({1}, signLeafNode(kPlain, std::move(leaf), scene.groupId, {1}, privateKey).value()).value();
    return tree;
  }
  std::optional<Error> joining(const RatchetTree& tree, Extensions extensions = {}) {
    GroupContext context = scene.contextOf(tree);
    context.extensions = std::move(extensions);
    auto valid = validateTree(tree, context);
    auto changed = validateChangedLeaves(tree, context, std::vector<LeafIndex>{{1}});
    CHECK(valid.has_value() == changed.has_value());
    if (valid) return std::nullopt;
    CHECK(changed.error().code == valid.error().code);
    return valid.error();
  }
};

TEST_CASE("each rule for a leaf is held against a member who breaks it under its own signature (RFC 9420 §7.3)") {
  Pair pair;
  auto broken = [&](const LeafChange& change) { return pair.joining(pair.with(change)); };
  CHECK_FALSE(broken([](LeafNode&) {}));
  CHECK_FALSE(broken([](LeafNode& leaf) { leaf.capabilities.extensions.push_back(ExtensionType{0x0a0a}); }));
  CHECK(broken([](LeafNode& leaf) { leaf.encryptionKey.pop_back(); }) == Error(ErrorCode::leafKeyLength, 1));
  CHECK(broken([](LeafNode& leaf) { leaf.signatureKey.push_back(0); }) == Error(ErrorCode::leafKeyLength, 1));
  CHECK(broken([](LeafNode& leaf) { leaf.capabilities.versions = {ProtocolVersion{2}}; }) ==
        Error(ErrorCode::leafVersionUnsupported, 1));
  CHECK(broken([](LeafNode& leaf) { leaf.capabilities.cipherSuites = {CipherSuiteId{7}}; }) ==
        Error(ErrorCode::leafSuiteUnsupported, 1));
  CHECK(broken([](LeafNode& leaf) { leaf.extensions.items.push_back({ExtensionType{0xf0c3}, {}}); }) ==
        Error(ErrorCode::leafExtensionUnlisted, 1));
  CHECK_FALSE(broken([](LeafNode& leaf) { leaf.extensions.items.push_back({ExtensionType::applicationId, {}}); }));
  CHECK(broken([](LeafNode& leaf) { leaf.capabilities.credentials.clear(); }) ==
        Error(ErrorCode::leafCredentialUnlisted, 1));
  // Its own type is listed, but the other member does not know it.
  CHECK(broken([](LeafNode& leaf) {
          leaf.credential = {X509Credential{{{certificateFor(leaf.signatureKey)}}}};
          leaf.capabilities.credentials = {CredentialType::x509, CredentialType::basic};
        }) == Error(ErrorCode::credentialUnsupported, 0));
  // The other way round: it does not know the type the other member uses.
  CHECK(broken([](LeafNode& leaf) {
          leaf.credential = {X509Credential{{{certificateFor(leaf.signatureKey)}}}};
          leaf.capabilities.credentials = {CredentialType::x509};
        })->code == ErrorCode::credentialUnsupported);
  CHECK(broken([&](LeafNode& leaf) { leaf.encryptionKey = pair.scene.tree.leaf({0})->encryptionKey; })->code ==
        ErrorCode::duplicateEncryptionKey);
  CHECK(broken([&](LeafNode& leaf) { leaf.signatureKey = pair.scene.tree.leaf({0})->signatureKey; })->code ==
        ErrorCode::duplicateSignatureKey);
  CHECK(broken([](LeafNode& leaf) { leaf.signatureKey[3] ^= 1; }) == Error(ErrorCode::leafSignature, 1));
}

TEST_CASE("a key of a parent that stands anywhere else is refused (RFC 9420 §12.4.3.1)") {
  TreeScene scene(kPlain, 4);
  scene.commit({0}, {.adds = 3});
  scene.commit({3});
  RatchetTreeNodes nodes = scene.tree.nodes();
  auto key = [&](uint32_t i) -> HPKEPublicKey& { return std::get<ParentNode>(nodes[i]->body).encryptionKey; };
  key(1) = key(5);
  CHECK(verdict(scene, nodes) == Error(ErrorCode::duplicateEncryptionKey, 5));
  key(1) = std::get<LeafNode>(nodes[6]->body).encryptionKey;
  CHECK(verdict(scene, nodes) == Error(ErrorCode::duplicateEncryptionKey, 6));
  key(1) = Bytes(31, 1);
  CHECK(verdict(scene, nodes) == Error(ErrorCode::leafKeyLength, 1));
}

TEST_CASE("two newcomers with one key clash even before they are compared with the tree") {
  TreeScene scene(kPlain, 5);
  scene.commit({0}, {.adds = 1});
  auto [leaf, member] = scene.newMember();
  RatchetTree tree = scene.tree;
  CHECK(tree.add(leaf) == LeafIndex{2});
  CHECK(validateChangedLeaves(tree, scene.context(), std::vector<LeafIndex>{{2}}).has_value());
  CHECK(validateChangedLeaves(tree, scene.context(), std::vector<LeafIndex>{{2}, {2}}).has_value());
  CHECK(tree.add(leaf) == LeafIndex{3});
  auto both = validateChangedLeaves(tree, scene.context(), std::vector<LeafIndex>{{2}, {3}});
  CHECK(both.error().code == ErrorCode::duplicateSignatureKey);
  CHECK(validateChangedLeaves(tree, scene.context(), std::vector<LeafIndex>{{3}}).error() ==
        Error(ErrorCode::duplicateSignatureKey, 2));
  CHECK(validateChangedLeaves(tree, scene.context(), std::vector<LeafIndex>{{7}}).error() ==
        Error(ErrorCode::blankLeaf, 7));
  auto [other, _] = scene.newMember();
  other.encryptionKey = leaf.encryptionKey;
  RatchetTree twins = scene.tree;
  REQUIRE((twins.add(leaf).has_value() && twins.add(other).has_value()));
  CHECK(validateChangedLeaves(twins, scene.context(), std::vector<LeafIndex>{{2}, {3}}).error().code ==
        ErrorCode::duplicateEncryptionKey);
}

TEST_CASE("a group's extensions and required capabilities bind every member (RFC 9420 §11.1, §13.4)") {
  Pair pair;
  const RatchetTree& tree = pair.scene.tree;
  auto requiring = [](RequiredCapabilities required) {
    return Extensions{{{ExtensionType::requiredCapabilities, encode(required)}}};
  };
  CHECK_FALSE(pair.joining(tree, Extensions{{{ExtensionType{0xf0c1}, {}}}}));
  CHECK_FALSE(pair.joining(tree, requiring({.extensions = {ExtensionType{0xf0c1}, ExtensionType::ratchetTree},
                                            .proposals = {ProposalType::selfRemove, ProposalType::add},
                                            .credentials = {CredentialType::basic}})));
  auto code = [&](Extensions extensions) {
    GroupContext context = pair.scene.context();
    context.extensions = extensions;
    auto requirements = validateRequirements(tree, context);
    auto joining = pair.joining(tree, std::move(extensions));
    REQUIRE(joining);
    CHECK(requirements.error() == *joining);
    return joining->code;
  };
  CHECK(code(Extensions{{{ExtensionType{0xf0c2}, {}}}}) == ErrorCode::groupExtensionUnsupported);
  CHECK(code(requiring({.extensions = {ExtensionType{0xf0c2}}})) == ErrorCode::requiredCapability);
  CHECK(code(requiring({.proposals = {ProposalType{0xf001}}})) == ErrorCode::requiredCapability);
  CHECK(code(requiring({.credentials = {CredentialType::x509}})) == ErrorCode::requiredCapability);
  CHECK(code(Extensions{{{ExtensionType::requiredCapabilities, {1}}}}) == ErrorCode::malformed);
}

TEST_CASE("a tree is judged under its group's suite, id and hash") {
  TreeScene scene = livedInGroup(kPlain);
  GroupContext context = scene.context();
  CHECK(validateTree(scene.tree, context).has_value());
  GroupContext other = context;
  other.cipherSuite = CipherSuiteId{2};
  CHECK(validateTree(scene.tree, other).error() == Error(ErrorCode::wrongSuite));
  other = context;
  other.treeHash.pop_back();
  CHECK(validateTree(scene.tree, other).error() == Error(ErrorCode::treeHashMismatch));
  other = context;
  other.groupId.push_back(0);
  CHECK(validateTree(scene.tree, other).error().code == ErrorCode::leafSignature);
}

TEST_CASE("a leaf of a path or an update must be new and of that kind (RFC 9420 §7.3)") {
  LeafNode before{.encryptionKey = {1}, .source = {UpdateSource{}}};
  LeafNode after{.encryptionKey = {2}, .source = {UpdateSource{}}};
  CHECK(checkReplacement(before.encryptionKey, after, LeafNodeSource::update).has_value());
  CHECK(checkReplacement(before.encryptionKey, after, LeafNodeSource::commit).error() == Error(ErrorCode::leafSource));
  CHECK(checkReplacement(before.encryptionKey, before, LeafNodeSource::update).error() ==
        Error(ErrorCode::leafKeyUnchanged));
  after.source = {Lifetime{}};
  CHECK(checkReplacement(before.encryptionKey, after, LeafNodeSource::update).error() == Error(ErrorCode::leafSource));
}

TEST_CASE("a lifetime is a range that holds now and is not too long (RFC 9420 §7.2)") {
  auto at = [](uint64_t seconds, Lifetime lifetime) {
    return checkLifetime(LeafNode{.source = {lifetime}}, Instant{seconds * kSecondMs + 999}, 100);
  };
  CHECK(at(10, {10, 110}).has_value());
  CHECK(at(110, {10, 110}).has_value());
  CHECK(at(1'050, {1'000, 1'100}).has_value());
  CHECK(at(9, {10, 110}).error() == Error(ErrorCode::lifetimeNotBegun));
  CHECK(at(111, {10, 110}).error() == Error(ErrorCode::lifetimeOver));
  CHECK(at(50, {10, 111}).error() == Error(ErrorCode::lifetimeTooLong));
  CHECK(at(50, {0, ~uint64_t{0}}).error() == Error(ErrorCode::lifetimeTooLong));
  CHECK(at(50, {60, 40}).error() == Error(ErrorCode::lifetimeNotBegun));
  CHECK(at(60, {60, 40}).error() == Error(ErrorCode::lifetimeOver));
  CHECK(checkLifetime(LeafNode{.source = {UpdateSource{}}}, Instant{}, 100).error() == Error(ErrorCode::leafSource));
}

}  // namespace
}  // namespace qpq::mls
