#include "mls/tree/treekem.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/schedule/labelled.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/tree_scene_test.h"

namespace qpq::mls {
namespace {

const crypto::Suite& kPlain = crypto::kSuiteX25519;

// A commit of leaf 0 in a group of four in which leaf 3 has just been added, stopped before anybody has read it.
struct Draft {
  TreeScene scene;
  RatchetTree next;
  std::vector<LeafIndex> added;
  NewPath made;
  Bytes context;
  UpdatePath path;

  explicit Draft(const crypto::Suite& suite = kPlain)
      : scene(group(suite)),
        next(scene.tree),
        added{next.add(scene.newMember().first).value()},
        made(make(scene, next)),
        context(encode(scene.contextOf(made.tree))),
        path(sealPath(made, added, context, scene.random).value()) {}

  Result<RatchetTree> merge(const UpdatePath& changed) const {
    return mergePath(next, scene.groupId, {0}, changed, added);
  }
  // The path with its leaf signed again by the committer itself.
  UpdatePath resigned(UpdatePath changed) const {
    auto key = scene.members.at({0}).signer.privateKey.expose();
    changed.leafNode = signLeafNode(scene.suite, std::move(changed.leafNode), scene.groupId, {0}, key).value();
    return changed;
  }

 private:
  static TreeScene group(const crypto::Suite& suite) {
    TreeScene scene(suite, 11);
    scene.commit({0}, {.adds = 2});
    scene.commit({2});
    return scene;
  }
  static NewPath make(TreeScene& scene, const RatchetTree& next) {
    const auto& author = scene.members.at({0});
    return makePath(next, author.keys.carriedOver(scene.tree, next), *next.leaf({0}), scene.groupId,
                    author.signer.privateKey.expose(), scene.random)
        .value();
  }
};

TEST_CASE("newcomers are left out of the path's ciphertexts and take their secret from the Welcome (RFC 9420 §7.6)") {
  Draft draft;
  REQUIRE(draft.added == std::vector<LeafIndex>{{3}});
  REQUIRE(draft.path.nodes.size() == 2);
  CHECK(draft.path.nodes[0].encryptedPathSecret.size() == 1);  // leaf 1
  // Below the right half of the root stand its parent (set by leaf 2) and the newcomer, unmerged.
  CHECK(draft.next.resolution({5}) == std::vector<NodeIndex>{{4}, {6}});
  CHECK(draft.path.nodes[1].encryptedPathSecret.size() == 1);
  CHECK(draft.made.secretFor({3}) == &draft.made.secrets[1].secret);
  CHECK(draft.made.secretFor({1}) == &draft.made.secrets[0].secret);
  CHECK(draft.merge(draft.path).has_value());
  CHECK(mergePath(draft.next, draft.scene.groupId, {0}, draft.path, {}).error() ==
        Error(ErrorCode::pathCiphertexts, 3));
}

TEST_CASE("a path that does not fit the tree is refused, and the tree stays as it was (RFC 9420 §7.5, §12.4.2)") {
  Draft draft;
  Bytes before = encode(draft.next.nodes());
  auto refused = [&](const std::function<void(UpdatePath&)>& change) {
    UpdatePath changed = draft.path;
    change(changed);
    return draft.merge(draft.resigned(std::move(changed))).error();
  };
  CHECK(refused([](UpdatePath& path) { path.nodes.pop_back(); }) == Error(ErrorCode::pathLength));
  CHECK(refused([](UpdatePath& path) { path.nodes.push_back(path.nodes[0]); }) == Error(ErrorCode::pathLength));
  CHECK(refused([](UpdatePath& path) { path.nodes.clear(); }) == Error(ErrorCode::pathLength));
  CHECK(refused([](UpdatePath& path) { path.nodes[1].encryptedPathSecret.clear(); }) ==
        Error(ErrorCode::pathCiphertexts, 3));
  CHECK(refused([](UpdatePath& path) {
          path.nodes[0].encryptedPathSecret.push_back(path.nodes[0].encryptedPathSecret[0]);
        }) == Error(ErrorCode::pathCiphertexts, 1));
  CHECK(refused([](UpdatePath& path) { path.nodes[1].encryptionKey.pop_back(); }) ==
        Error(ErrorCode::leafKeyLength, 3));
  CHECK(refused([](UpdatePath& path) { path.leafNode.source = {UpdateSource{}}; }) == Error(ErrorCode::leafSource));
  CHECK(refused([](UpdatePath& path) { path.leafNode.source = {Lifetime{}}; }) == Error(ErrorCode::leafSource));
  CHECK(refused([&](UpdatePath& path) { path.leafNode.encryptionKey = draft.next.leaf({0})->encryptionKey; }) ==
        Error(ErrorCode::leafKeyUnchanged));
  CHECK(refused([&](UpdatePath& path) { path.leafNode.encryptionKey = draft.next.leaf({1})->encryptionKey; }) ==
        Error(ErrorCode::pathKeyReused, 2));
  CHECK(refused([&](UpdatePath& path) { path.nodes[0].encryptionKey = draft.next.leaf({3})->encryptionKey; }) ==
        Error(ErrorCode::pathKeyReused, 6));
  CHECK(refused([&](UpdatePath& path) { path.nodes[0].encryptionKey = toBytes(*draft.next.encryptionKey({3})); }) ==
        Error(ErrorCode::pathKeyReused, 3));
  CHECK(refused([](UpdatePath& path) { path.nodes[1].encryptionKey = path.nodes[0].encryptionKey; }) ==
        Error(ErrorCode::pathKeyReused, 3));
  CHECK(refused([](UpdatePath& path) { path.nodes[0].encryptionKey = path.leafNode.encryptionKey; }) ==
        Error(ErrorCode::pathKeyReused, 1));
  CHECK(refused([](UpdatePath& path) { path.leafNode.source = {CommitParentHash{}}; }) ==
        Error(ErrorCode::pathParentHash, 0));
  CHECK(refused([](UpdatePath& path) { path.nodes[0].encryptionKey[0] ^= 1; }) == Error(ErrorCode::pathParentHash, 0));
  CHECK(refused([](UpdatePath& path) { path.nodes[1].encryptionKey[0] ^= 1; }) == Error(ErrorCode::pathParentHash, 0));
  UpdatePath forged = draft.path;
  forged.leafNode.signature[0] ^= 1;
  CHECK(draft.merge(forged).error() == Error(ErrorCode::leafSignature, 0));
  CHECK(mergePath(draft.next, toBytes(asBytes("another group")), {0}, draft.path, draft.added).error() ==
        Error(ErrorCode::leafSignature, 0));
  CHECK(mergePath(draft.next, draft.scene.groupId, {9}, draft.path, draft.added).error() ==
        Error(ErrorCode::blankLeaf, 9));
  CHECK(encode(draft.next.nodes()) == before);
}

TEST_CASE("a secret that is not what the public keys promise is refused by whoever reads it (RFC 9420 §7.5)") {
  for (const crypto::Suite* suite : {&kPlain, &crypto::kProductSuite}) {
    Draft draft(*suite);
    RatchetTree merged = draft.merge(draft.path).value();
    TreeKeys reader = draft.scene.members.at({2}).keys.carriedOver(draft.scene.tree, draft.next);
    auto open = [&](const UpdatePath& path) { return openPath(merged, reader, {0}, path, draft.added, draft.context); };
    CHECK(open(draft.path).has_value());

    UpdatePath changed = draft.path;
    changed.nodes[1].encryptedPathSecret[0].ciphertext[0] ^= 1;
    CHECK(open(changed).error() == Error(ErrorCode::decryptionFailed));
    changed = draft.path;
    changed.nodes[1].encryptedPathSecret[0].ciphertext.clear();
    CHECK_FALSE(open(changed).has_value());
    changed = draft.path;
    changed.nodes[1].encryptedPathSecret[0].kemOutput.pop_back();
    CHECK_FALSE(open(changed).has_value());
    CHECK(openPath(merged, reader, {0}, draft.path, draft.added, {}).error() == Error(ErrorCode::decryptionFailed));

    // The committer seals something else to this one member.
    auto sealed = [&](ByteView secret) {
      UpdatePath other = draft.path;
      other.nodes[1].encryptedPathSecret[0] =
          encryptWithLabel(*suite, draft.next.leaf({2})->encryptionKey, "UpdatePathNode", draft.context, secret,
                           draft.scene.random)
              .value();
      return other;
    };
    std::size_t size = crypto::hashSize(suite->hash);
    CHECK(open(sealed(draft.made.secrets[1].secret.expose())).has_value());
    CHECK(open(sealed(draft.made.secrets[0].secret.expose())).error() == Error(ErrorCode::pathKeyMismatch, 3));
    for (std::size_t wrong : {std::size_t{0}, size - 1, size + 1}) {
      CHECK(open(sealed(Bytes(wrong, 1))).error() == Error(ErrorCode::pathSecretLength));
    }

    // No key that fits: a member whose leaf key is lost, the newcomer, and the sender itself.
    CHECK(openPath(merged, TreeKeys({2}, std::vector<NodePrivateKey>{}), {0}, draft.path, draft.added, draft.context)
              .error() == Error(ErrorCode::pathNotReadable, 5));
    CHECK(openPath(merged, TreeKeys({3}, SecretBytes(std::size_t{32})), {0}, draft.path, draft.added, draft.context)
              .error() == Error(ErrorCode::pathNotReadable, 5));
    CHECK(openPath(merged, draft.made.keys, {0}, draft.path, draft.added, draft.context).error().code ==
          ErrorCode::pathNotReadable);
  }
}

TEST_CASE("a newcomer's secrets must belong to the tree it was given (RFC 9420 §12.4.3.1)") {
  Draft draft;
  RatchetTree next = draft.scene.tree;
  auto [leaf, member] = draft.scene.newMember();
  REQUIRE(next.add(leaf) == LeafIndex{3});
  const auto& author = draft.scene.members.at({0});
  NewPath made = makePath(next, author.keys.carriedOver(draft.scene.tree, next), *next.leaf({0}), draft.scene.groupId,
                          author.signer.privateKey.expose(), draft.scene.random)
                     .value();
  const SecretBytes* secret = made.secretFor({3});
  auto join = [&](const SecretBytes& leafKey, LeafIndex committer, const SecretBytes* pathSecret) {
    return keysOfNewcomer(made.tree, {3}, leafKey.clone(), committer, pathSecret);
  };
  auto joined = join(member.leafKey, {0}, secret);
  REQUIRE(joined.has_value());
  CHECK(joined->entries().size() == 2);
  CHECK(joined->check(made.tree).has_value());
  CHECK(join(member.leafKey, {0}, nullptr)->entries().size() == 1);

  CHECK(join(SecretBytes(std::size_t{32}), {0}, secret).error() == Error(ErrorCode::privateKeyMismatch, 6));
  CHECK(join(SecretBytes(), {0}, secret).error() == Error(ErrorCode::privateKeyMismatch, 6));
  CHECK(join(member.leafKey, {0}, &made.secrets[0].secret).error() == Error(ErrorCode::pathKeyMismatch, 3));
  CHECK(join(member.leafKey, {2}, secret).error() == Error(ErrorCode::pathKeyMismatch, 5));  // blank
  CHECK(join(member.leafKey, {3}, secret).error() == Error(ErrorCode::pathKeyMismatch, 6));
  SecretBytes shorter(secret->expose().first(31));
  CHECK(join(member.leafKey, {0}, &shorter).error() == Error(ErrorCode::pathSecretLength));
}

TEST_CASE("a public key that is none names the member who must go") {
  Draft draft;
  LeafNode bad = *draft.next.leaf({1});
  bad.encryptionKey = Bytes(32, 0);  // a point of low order
  RatchetTree next = draft.next;
  REQUIRE(next.update({1}, bad).has_value());
  const auto& author = draft.scene.members.at({0});
  NewPath made = makePath(next, author.keys.carriedOver(draft.scene.tree, next), *next.leaf({0}), draft.scene.groupId,
                          author.signer.privateKey.expose(), draft.scene.random)
                     .value();
  CHECK(sealPath(made, draft.added, {}, draft.scene.random).error() == Error(ErrorCode::invalidKey, 2));
}

TEST_CASE("outdated private keys are forgotten (RFC 9420 §7.5)") {
  TreeScene scene(kPlain, 12);
  scene.commit({0}, {.adds = 3});
  scene.commit({1});
  const TreeKeys& keys = scene.members.at({1}).keys;
  REQUIRE(keys.entries().size() == 3);
  RatchetTree next = scene.tree;
  REQUIRE(next.remove({0}).has_value());
  TreeKeys kept = keys.carriedOver(scene.tree, next);
  REQUIRE(kept.entries().size() == 1);
  CHECK(kept.entries()[0].node == toNode({1}));
  SecretBytes old = keys.find({3})->clone();
  scene.commit({2});
  CHECK_FALSE(constantTimeEqual(old.expose(), scene.members.at({1}).keys.find({3})->expose()));

  // Written down and read back in any order.
  std::vector<NodePrivateKey> entries;
  for (const NodePrivateKey& entry : scene.members.at({1}).keys.entries()) {
    entries.insert(entries.begin(), {entry.node, entry.key.clone()});
  }
  TreeKeys restored({1}, std::move(entries));
  CHECK(restored.check(scene.tree).has_value());
  restored.set({3}, SecretBytes(std::size_t{32}));
  CHECK(restored.check(scene.tree).error() == Error(ErrorCode::privateKeyMismatch, 3));
}

TEST_CASE("a path blanks a node nobody needs, and its key is forgotten with it") {
  // Leaves 2 and 3 vanish without their parent 3 going blank: only a forged tree has such a node. A stale key for it
  // would be tried, in vain, once somebody fills the node again.
  TreeScene scene(kPlain, 14);
  scene.commit({0}, {.adds = 4});
  scene.commit({1});
  RatchetTreeNodes nodes = scene.tree.nodes();
  for (uint32_t place : {4U, 5U, 6U}) nodes[place].reset();
  RatchetTree forged = RatchetTree::fromNodes(kPlain, std::move(nodes)).value();
  TreeKeys author = scene.members.at({0}).keys.carriedOver(scene.tree, forged);
  TreeKeys reader = scene.members.at({1}).keys.carriedOver(scene.tree, forged);
  REQUIRE((author.find({3}) && reader.find({3})));
  auto signer = scene.members.at({0}).signer.privateKey.expose();
  NewPath made = makePath(forged, author, *forged.leaf({0}), scene.groupId, signer, scene.random).value();
  UpdatePath path = sealPath(made, {}, {}, scene.random).value();
  RatchetTree merged = mergePath(forged, scene.groupId, {0}, path, {}).value();
  REQUIRE_FALSE(merged.parent({3}));
  CHECK_FALSE(made.keys.find({3}));
  CHECK_FALSE(openPath(merged, reader, {0}, path, {}, {})->keys.find({3}));
}

TEST_CASE("a group of one makes a path without nodes and a fresh secret all the same") {
  TreeScene scene(kPlain, 13);
  const auto& alone = scene.members.at({0});
  auto make = [&] {
    return makePath(scene.tree, alone.keys, *scene.tree.leaf({0}), scene.groupId, alone.signer.privateKey.expose(),
                    scene.random)
        .value();
  };
  NewPath first = make();
  NewPath second = make();
  CHECK(first.secrets.empty());
  CHECK(first.commitSecret.size() == 32);
  CHECK_FALSE(constantTimeEqual(first.commitSecret.expose(), second.commitSecret.expose()));
  CHECK(first.tree.leaf({0})->source.as<CommitParentHash>()->value.empty());
  CHECK(mergePath(scene.tree, scene.groupId, {0}, sealPath(first, {}, {}, scene.random).value(), {}).has_value());
  CHECK(makePath(scene.tree, TreeKeys({1}, SecretBytes()), {}, scene.groupId, {}, scene.random).error() ==
        Error(ErrorCode::blankLeaf, 1));
}

}  // namespace
}  // namespace qpq::mls
