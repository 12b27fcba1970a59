#include <catch2/catch_test_macros.hpp>
#include <concepts>
#include <format>
#include <ostream>

#include "mls/group/insider_test.h"
#include "mls/schedule/labelled.h"

// What went wrong in other implementations, as far as it shows at the level of a group; the rest stands beside the
// module it belongs to. docs/protocol/mls-validation.md lists all of it, with these numbers.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; } || std::formattable<T, char>;
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

// 3. OpenMLS#2146, mls-rs#318: secrets in debug output.
TEST_CASE("what holds a secret cannot be printed, compared in variable time or copied by accident") {
  STATIC_CHECK_FALSE((Printable<SecretBytes> || Printable<EpochSecrets> || Printable<KeyPackagePrivateKeys> ||
                      Printable<Group> || Printable<PendingCommit> || Printable<StagedKey> || Printable<Record>));
  STATIC_CHECK_FALSE((Comparable<SecretBytes> || Comparable<EpochSecrets> || Comparable<Record>));
  STATIC_CHECK_FALSE((std::copyable<SecretBytes> || std::copyable<Group> || std::copyable<EpochState>));
}

// 2. hpke-rs GHSA-g433-pq76-6cmf: X25519 without the all-zero check. The points of low order (RFC 7748 §7).
TEST_CASE("public keys of low order seal and open nothing") {
  GroupScene scene(crypto::kSuiteX25519);
  scene.found(Names{"alice", "bob", "carol"});
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Bytes low = *fromHex(point);
    INFO(point);
    auto addWith = [&](auto change) {
      KeyPackage changed = scene.package("mallory").keyPackage();
      change(changed);
      ByteView key = scene.client("mallory").signer.privateKey.expose();
      changed.leafNode = signLeafNode(scene.suite, std::move(changed.leafNode), {}, {}, key).value();
      changed.signature = signWithLabel(scene.suite, key, "KeyPackageTBS", encode(KeyPackageTBS{changed})).value();
      CommitPlan plan;
      plan.adds.push_back(VerifiedKeyPackage::check(changed, scene.suite, kNow).value());
      return plan;
    };
    CommitPlan badInit = addWith([&](KeyPackage& k) { k.initKey = low; });
    CHECK(scene["alice"].commit(badInit, {}, scene.random).error() == Error(ErrorCode::invalidKey, 0));
    // A member with such a leaf gets in, but the next path cannot be sealed to it: it must be removed first.
    CommitPlan badLeaf = addWith([&](KeyPackage& k) { k.leafNode.encryptionKey = low; });
    GroupScene inside(crypto::kSuiteX25519, 3);
    inside.found(Names{"alice", "bob"});
    inside["alice"].commit(badLeaf, {}, inside.random).value();
    inside["alice"].merge(inside["alice"].pending()->digest()).value();
    CHECK(inside["alice"].commit({}, {}, inside.random).error() == Error(ErrorCode::invalidKey, 4));
    CHECK(inside["alice"].commit({.removes = {{2}}}, {}, inside.random));

    Insider alice(scene["alice"], scene.random);
    Bytes badPath = alice.commit({.onPath = [&](UpdatePath& path) {
      for (auto& node : path.nodes) {
        for (auto& sealed : node.encryptedPathSecret) sealed.kemOutput = low;
      }
    }});
    CHECK(scene["bob"].receive(badPath).error().code == ErrorCode::badPath);
  }
}

// 5. mlspp derived a hundred thousand keys for one unsigned number. That nothing is derived here is seen in the secret
// tree's own test.
TEST_CASE("a forged generation is refused and leaves no key behind") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  Insider alice(scene["alice"], scene.random);
  SavedState before = saved(scene["bob"]);
  for (uint32_t generation : {2'001U, 100'000U, 0xfffffffeU, 0xffffffffU}) {
    Bytes message = alice.seal(alice.sign({ApplicationData{}}), RatchetType::application, Generation{generation});
    ErrorCode code = scene["bob"].receive(message).error().code;
    CHECK((code == ErrorCode::generationTooFar || code == ErrorCode::generationsSpent));
  }
  CHECK(saved(scene["bob"]) == before);
}

// 6. mlspp kept the keys of what it had sent.
TEST_CASE("nobody can read back with a sender's state what it has sent") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  Bytes message = scene["alice"].protect(asBytes("gone"), {}, scene.random).value();
  auto sealed = *decode<MLSMessage>(message)->as<PrivateMessage>();
  Insider thief(scene["alice"], scene.random);
  ByteView senderDataSecret = thief.state().secrets.senderDataSecret.expose();
  SenderData sender = openSenderData(scene.suite, senderDataSecret, sealed).value();
  CHECK(thief.state().messageKeys.stage({0}, RatchetType::application, sender.generation, {}).error() ==
        Error(ErrorCode::generationUsed, 0));
}

// 8. mls-rs#228, OpenMLS#453, OpenMLS GHSA-qr9h-x63w-vqfm.
TEST_CASE("messages come in any order, again, and across restarts") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol", "dave"});
  std::vector<std::pair<std::string, Bytes>> messages;
  for (int i = 0; i < 17; ++i) {
    for (const char* name : {"alice", "bob", "carol"}) {
      messages.emplace_back(name, scene[name].protect(asBytes(name), {}, scene.random).value());
    }
  }
  for (std::size_t i = messages.size(); i > 1; --i) std::swap(messages[i - 1], messages[scene.random.below(i)]);
  Group dave = reloaded(scene["dave"]);
  for (const auto& [name, message] : messages) {
    auto read = std::get<ApplicationMessage>(dave.receive(message).value());
    CHECK(asText(read.data) == name);
    dave = reloaded(dave);
    SavedState before = saved(dave);
    CHECK(dave.receive(message).error().code == ErrorCode::generationUsed);
    CHECK(saved(dave) == before);
  }
}

// 9. OpenMLS#1691, #1944, mls-rs#361: a late message was taken for the newcomer's.
TEST_CASE("a late message of a removed member is not its successor's") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  Bytes late = scene["carol"].protect(asBytes("late"), {}, scene.random).value();
  Bytes early = scene["carol"].protect(asBytes("early"), {}, scene.random).value();
  auto read = std::get<ApplicationMessage>(scene["bob"].receive(early).value());
  CHECK(GroupScene::nameOf(read.sender.credential) == "carol");
  CommitPlan plan{.removes = {{2}}};
  plan.adds.push_back(scene.package("dave"));
  scene.commit("alice", plan);
  REQUIRE(scene.leafOf("dave") == LeafIndex{2});
  SavedState before = saved(scene["bob"]);
  CHECK(scene["bob"].receive(late).error() == Error(ErrorCode::pastEpoch));
  CHECK(saved(scene["bob"]) == before);
}

// 13. mls-rs#313: one extension type twice.
TEST_CASE("a list with an extension type twice is malformed") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  Extensions twice = GroupScene::requiredCapabilities();
  twice.items.push_back(twice.items[1]);
  Insider alice(scene["alice"], scene.random);
  Bytes message = alice.commit({.proposals = Insider::byValue({{GroupContextExtensions{twice}}})});
  CHECK(scene["bob"].receive(message).error().code == ErrorCode::malformed);
}

// 17. The private keys of a key package are needed until the joined group is durable.
TEST_CASE("a join that was not written down is made again from the same keys") {
  GroupScene scene;
  scene.foundAlone("alice");
  CommitPlan plan;
  plan.adds.push_back(scene.package("bob"));
  Bytes welcome = scene["alice"].commit(plan, {}, scene.random).value()->welcome().value();
  scene["alice"].merge(scene["alice"].pending()->digest()).value();
  auto first = saved(scene.join("bob", welcome).value().group);
  Group again = std::move(scene.join("bob", welcome).value().group);
  CHECK(saved(again) == first);
  CHECK(equal(again.epochAuthenticator(), scene["alice"].epochAuthenticator()));
}

// 18. OpenMLS#1929: a second group under a known id replaced the first.
TEST_CASE("a group one is in is neither created nor joined again") {
  GroupScene scene;
  scene.foundAlone("alice");
  std::vector<Bytes> joined{{1}, scene["alice"].groupId()};
  GroupOptions options = scene.options("alice");
  options.groupsJoined = joined;
  CHECK(Group::create(scene.suite, scene.client("alice").signer, options, scene.random).error() ==
        Error(ErrorCode::groupExists));
  CommitPlan plan;
  plan.adds.push_back(scene.package("bob"));
  Bytes welcome = scene["alice"].commit(plan, {}, scene.random).value()->welcome().value();
  auto& bob = scene.client("bob");
  CHECK(Group::join(*decode<MLSMessage>(welcome)->as<Welcome>(), bob.package->keyPackage, bob.package->privateKeys,
                    bob.signer.privateKey.expose(), {.groupsJoined = joined})
            .error() == Error(ErrorCode::groupExists));
}

TEST_CASE("the proposals kept for one epoch have a bound") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  auto propose = [&](uint32_t number) {
    Writer terms;
    terms.u32(number);
    return scene["alice"].propose({Remove{{1}}}, terms.view(), scene.random);
  };
  for (uint32_t i = 0; i < kStoredProposalsMax; ++i) REQUIRE(propose(i));
  SavedState before = saved(scene["alice"]);
  CHECK(propose(kStoredProposalsMax).error() == Error(ErrorCode::tooManyProposals));
  CHECK(saved(scene["alice"]) == before);
}

}  // namespace
}  // namespace qpq::mls
