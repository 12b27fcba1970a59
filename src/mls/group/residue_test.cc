// Nothing secret may lie in memory that was given back: not the secrets of an epoch, of a path, of a message, of a
// join, nor the signature key. Everything that is freed passes a watch first. What is to be watched for is learned by
// living the same life twice: secrets are a function of the seed, so those of the first life are those of the second.
//
// The watch sees what C++ allocates. What the libraries below allocate is looked at in src/crypto/residue_test.cc.
#include <malloc.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>
#include <new>

#include "mls/group/group_secrets_test.h"
#include "mls/group/insider_test.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

constexpr std::size_t kPartSize = 16;

// Kept inverted, so that the watch does not find itself.
class Watch {
 public:
  void add(ByteView secret) {
    for (std::size_t at = 0; at + kPartSize <= secret.size(); at += kPartSize) {
      Part part;
      for (std::size_t i = 0; i < kPartSize; ++i) part[i] = static_cast<uint8_t>(~secret[at + i]);
      if (std::ranges::count(part, part[0]) == ssize_t{kPartSize}) continue;  // zeros, as where there is no psk
      if (parts_[beginning(secret.data() + at)].insert(part).second) ++size_;
    }
  }
  std::size_t size() const { return size_; }

  bool standsIn(const uint8_t* memory, std::size_t size) const {
    for (std::size_t at = 0; at + kPartSize <= size; ++at) {
      for (const Part& part : parts_[beginning(memory + at)]) {
        if (isAt(part, memory + at)) return true;
      }
    }
    return false;
  }

 private:
  using Part = std::array<uint8_t, kPartSize>;
  static std::size_t beginning(const uint8_t* at) { return static_cast<std::size_t>(at[0]) << 8 | at[1]; }
  static bool isAt(const Part& part, const uint8_t* memory) {
    for (std::size_t i = 0; i < kPartSize; ++i) {
      if (static_cast<uint8_t>(~part[i]) != memory[i]) return false;
    }
    return true;
  }
  std::vector<std::set<Part>> parts_ = std::vector<std::set<Part>>(1 << 16);
  std::size_t size_ = 0;
};

const Watch* watching = nullptr;
std::size_t blocksSeen = 0;
std::size_t blocksWithSecrets = 0;

void giveBack(void* block) {
  if (watching != nullptr && block != nullptr) {
    ++blocksSeen;
    if (watching->standsIn(static_cast<const uint8_t*>(block), malloc_usable_size(block))) ++blocksWithSecrets;
  }
  std::free(block);
}

}  // namespace
}  // namespace qpq::mls

// Of this program. The forms for arrays come to these; over-aligned types hold no secrets here.
void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  // What somebody left there before the watch began is not seen as ours.
  if (qpq::mls::watching != nullptr) std::memset(block, 0, malloc_usable_size(block));
  return block;
}
void operator delete(void* block) noexcept { qpq::mls::giveBack(block); }
void operator delete(void* block, std::size_t) noexcept { qpq::mls::giveBack(block); }

namespace qpq::mls {
namespace {

// Called with the scene wherever secrets are to be learned, and with the Welcome of a newcomer before it joins.
struct Learning {
  std::function<void(GroupScene&)> secrets = [](GroupScene&) {};
  std::function<void(GroupScene&, const std::string&, const Bytes&)> welcome = [](GroupScene&, const std::string&,
                                                                                  const Bytes&) {};
};

// A life in which everything happens that makes or uses secrets; the groups are gone at its end.
void live(const crypto::Suite& suite, const Learning& learn) {
  GroupScene scene(suite, 77);
  scene.policy.externalCommits = ExternalCommits::joinAndResync;
  scene.policy.handshakes = IncomingHandshakes::publicToo;
  auto all = [&](const std::string& author, const CommitPlan& plan) {
    const PendingCommit* pending = scene[author].commit(plan, {}, scene.random).value();
    Bytes message = pending->message();
    std::optional<Bytes> welcome = pending->welcome();
    for (const MemberAdded& added : pending->effects().added) {
      learn.welcome(scene, GroupScene::nameOf(added.node.credential), *welcome);
    }
    scene.deliver(author, message, welcome);
    learn.secrets(scene);
  };
  auto adding = [&](const std::string& name) {
    CommitPlan plan;
    plan.adds.push_back(scene.package(name));
    return plan;
  };

  scene.foundAlone("alice");
  learn.secrets(scene);
  all("alice", adding("bob"));
  all("bob", adding("carol"));
  all("carol", adding("dave"));
  // Messages, in order and out of order, and one that nobody reads.
  for (const char* name : {"alice", "bob"}) scene.say(name, "hello");
  Bytes first = scene["carol"].protect(asBytes("one"), {}, scene.random).value();
  Bytes second = scene["carol"].protect(asBytes("two"), {}, scene.random).value();
  scene["alice"].receive(second).value();
  learn.secrets(scene);
  scene["alice"].receive(first).value();
  learn.secrets(scene);
  first[first.size() - 1] ^= 1;
  GroupScene::require(!scene["bob"].receive(first), "a changed message is refused");
  // Paths, a changed signature key, a restart, an exporter, a lost commit.
  for (const char* name : {"alice", "dave"}) all(name, {});
  crypto::SignatureKeyPair fresh = crypto::generateSignatureKey(suite.signature, scene.random);
  CommitPlan renewed;
  renewed.ownLeaf.signatureKey = &fresh;
  all("bob", renewed);
  for (const char* name : {"alice", "bob", "carol", "dave"}) scene.clients.at(name).group = reloaded(scene[name]);
  scene["alice"].exportSecret("label", {}, 32).value();
  scene["alice"].safeExportSecret(ComponentId{3}).value();
  learn.secrets(scene);
  scene["dave"].commit({}, {}, scene.random).value();
  scene["dave"].discard();
  // An Update, a removal, somebody who enters, and one that cannot read its path.
  Bytes update = scene["carol"].proposeUpdate({}, {}, scene.random).value();
  for (const char* name : {"alice", "bob", "carol", "dave"}) scene.readProposal(name, update);
  all("alice", {.references = {scene["alice"].proposals()[0]->ref}});
  all("carol", {.removes = {scene.leafOf("dave")}});
  GroupInfo info = scene["alice"].openGroupInfo({}).value();
  EntryOptions options{.credential = {BasicCredential{toBytes(asBytes("erin"))}},
                       .capabilities = scene.capabilities(),
                       .policy = scene.policy};
  EnteredGroup entered = Group::enter(info, scene.client("erin").signer, options, scene.random).value();
  for (const char* name : {"alice", "bob", "carol"}) {
    scene[name].apply(std::get<StagedCommit>(scene[name].receive(entered.commit).value())).value();
  }
  scene.client("erin").group = std::move(entered.group);
  learn.secrets(scene);
  all("erin", {});
}

Watch learned(const crypto::Suite& suite) {
  Watch watch;
  Learning learn;
  learn.secrets = [&](GroupScene& scene) {
    for (auto& [name, client] : scene.clients) {
      watch.add(client.signer.privateKey.expose());
      if (client.package) {
        watch.add(client.package->privateKeys.initKey.expose());
        watch.add(client.package->privateKeys.leafKey.expose());
      }
      if (!client.group || !client.group->isMember()) continue;
      for (const Bytes& secret : secretsOf(*client.group)) watch.add(secret);
      for (const Bytes& key : privateKeysOf(*client.group)) watch.add(key);
      // The next message key of everybody, which is in no record.
      Insider thief(*client.group, scene.random);
      for (const Member& member : client.group->members()) {
        auto key = thief.state().messageKeys.stageNext(member.leaf, RatchetType::application);
        if (key) watch.add(key->key().key.expose());
      }
    }
  };
  learn.welcome = [&](GroupScene& scene, const std::string& name, const Bytes& message) {
    const NewKeyPackage& package = *scene.client(name).package;
    OpenedWelcome opened = openWelcome(suite, *decode<MLSMessage>(message)->as<Welcome>(), package.keyPackage,
                                       package.privateKeys.initKey.expose(), {})
                               .value();
    ByteView joiner = opened.secrets.joinerSecret.expose();
    watch.add(joiner);
    watch.add(welcomeSecret(suite, joiner, opened.pskSecret.expose()).expose());
    watch.add(epochSecret(suite, joiner, opened.pskSecret.expose(), encode(opened.groupInfo.groupContext)).expose());
    // Up the path, as far as there can be one, and what its secrets give (§7.4).
    SecretBytes path = opened.secrets.pathSecret->pathSecret.clone();
    for (int level = 0; level < 4; ++level) {
      watch.add(path.expose());
      watch.add(deriveSecret(suite, path.expose(), "node").expose());
      path = deriveSecret(suite, path.expose(), "path");
    }
  };
  live(suite, learn);
  return watch;
}

TEST_CASE("no memory is given back with a secret of the group in it") {
  for (const crypto::Suite* suite : {&crypto::kSuiteX25519, &crypto::kSuites[1], &crypto::kProductSuite}) {
    INFO(suite->name);
    Watch watch = learned(*suite);
    CHECK(watch.size() > 200);
    blocksSeen = blocksWithSecrets = 0;
    watching = &watch;
    Learning again;  // the same secrets: what a group would save is full of what is watched for
    again.secrets = [&](GroupScene& scene) {
      for (const Record& record : scene["alice"].save()) {
        if (decode<RecordKey>(record.key).value().kind != RecordKind::secrets) continue;
        GroupScene::require(watch.standsIn(record.value.expose().data(), record.value.size()), "one life is the other");
      }
    };
    live(*suite, again);
    watching = nullptr;
    CHECK(blocksSeen > 10'000);
    CHECK(blocksWithSecrets == 0);
  }
}

TEST_CASE("the watch sees a secret that was not wiped") {
  Watch watch = learned(crypto::kSuiteX25519);
  GroupScene scene(crypto::kSuiteX25519, 77);
  scene.foundAlone("alice");
  blocksSeen = blocksWithSecrets = 0;
  watching = &watch;
  static_cast<void>(toBytes(scene.client("alice").signer.privateKey.expose()));
  watching = nullptr;
  CHECK(blocksSeen == 1);
  CHECK(blocksWithSecrets == 1);
}

}  // namespace
}  // namespace qpq::mls
