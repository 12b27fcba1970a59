#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"
#include "mls_vectors/formats.h"
#include "support/json.h"

// The official files of the format "passive-client" carry handshakes in clear only. These are of our own making: in
// every suite, with handshakes sealed and in clear, and read as a file of anybody's would be.
namespace qpq::mls {
namespace {

std::string inQuotes(std::string_view name) { return '"' + std::string(name) + '"'; }
std::string field(std::string_view name, ByteView value) { return inQuotes(name) + ':' + inQuotes(toHex(value)) + ','; }

// What carol sees of a group's life, from her Welcome on.
class Transcript: public GroupScene {
 public:
  Transcript(const crypto::Suite& suite, WireFormat format): GroupScene(suite), format_(format) {
    policy.handshakes = IncomingHandshakes::publicToo;
    found({"alice", "bob"});
    key_ = Bytes(32, 7);
    psks_ = {{toBytes(asBytes("a key")), key_}};
    begin();
    live();
  }

  std::string json() const { return '[' + head_ + inQuotes("epochs") + ":[" + epochs_ + "]}]"; }

 private:
  CommitOptions options(TreePlace tree = TreePlace::inlined) const { return {.wireFormat = format_, .tree = tree}; }

  // carol joins with the tree beside her Welcome where handshakes are sealed, and in it otherwise.
  void begin() {
    CommitPlan plan{.externalPsks = {psks_[0].id}};
    plan.adds.push_back(package("carol"));
    TreePlace place = format_ == WireFormat::privateMessage ? TreePlace::outOfBand : TreePlace::inlined;
    const PendingCommit* pending = (*this)["alice"].commit(plan, options(place), random, psks_).value();
    Bytes welcome = *pending->welcome();
    take("alice", Bytes(pending->message()));
    Client& carol = client("carol");
    RatchetTreeNodes tree = (*this)["alice"].tree().nodes();
    JoinOptions joining{.policy = policy, .psks = psks_};
    if (place == TreePlace::outOfBand) joining.ratchetTree = tree;
    auto message = decode<MLSMessage>(welcome).value();
    carol.group = Group::join(*message.as<Welcome>(), carol.package->keyPackage, carol.package->privateKeys,
                              carol.signer.privateKey.expose(), joining)
                      .value()
                      .group;
    head_ = "{\"cipher_suite\":" + std::to_string(suite.id) + ",\"external_psks\":[{" + field("psk_id", psks_[0].id) +
            field("psk", key_);
    head_.back() = '}';
    head_ += "]," + field("key_package", encode(MLSMessage{.message = {carol.package->keyPackage}})) +
             field("signature_priv", carol.signer.privateKey.expose()) +
             field("encryption_priv", carol.package->privateKeys.leafKey.expose()) +
             field("init_priv", carol.package->privateKeys.initKey.expose()) + field("welcome", welcome) +
             (joining.ratchetTree ? field("ratchet_tree", encode(tree)) : "\"ratchet_tree\":null,") +
             field("initial_epoch_authenticator", carol.group->epochAuthenticator());
  }

  void live() {
    // By reference, of every kind another member may propose.
    propose("bob", {Add{package("dave").keyPackage()}});
    proposeUpdate("bob");
    commitAll("alice");
    // By value, and sealed to carol's place in the tree.
    CommitPlan plan{.externalPsks = {psks_[0].id}};
    commit("dave", std::move(plan));
    Extensions extensions = requiredCapabilities();
    extensions.items[1].data = {1, 2, 3};
    propose("dave", {GroupContextExtensions{extensions}});
    propose("dave", {SelfRemove{}});
    commitAll("bob");
    // Without a path, then with many.
    CommitPlan pathless{.path = PathChoice::whereRequired};
    pathless.adds.push_back(package("erin"));
    commit("bob", std::move(pathless));
    for (const char* name : {"erin", "alice", "bob"}) commit(name, {});
    commit("erin", {.removes = {leafOf("bob")}});
    // Somebody enters again where bob was.
    CommitPlan again;
    again.adds.push_back(package("bob"));
    commit("alice", std::move(again));
  }

  void propose(const std::string& by, Proposal proposal) {
    share((*this)[by].propose(std::move(proposal), {}, random, format_).value());
  }
  void proposeUpdate(const std::string& by) { share((*this)[by].proposeUpdate({}, {}, random, format_).value()); }
  void share(Bytes message) {
    for (auto& [name, client] : clients) {
      if (client.group && client.group->isMember()) readProposal(name, message);
    }
    proposals_ += (proposals_.empty() ? "" : ",") + inQuotes(toHex(message));
  }

  void commitAll(const std::string& by) {
    CommitPlan plan;
    for (const StoredProposal* stored : (*this)[by].proposals()) plan.references.push_back(stored->ref);
    commit(by, std::move(plan));
  }
  void commit(const std::string& by, CommitPlan plan) {
    const PendingCommit* pending = (*this)[by].commit(plan, options(), random, psks_).value();
    Bytes message = pending->message();
    std::optional<Bytes> welcome = pending->welcome();
    for (const std::string& name : take(by, message)) clients.at(name).group = join(name, *welcome).value().group;
    requireAgreement();
    epochs_ += (epochs_.empty() ? "{" : ",{") + inQuotes("proposals") + ":[" + std::exchange(proposals_, "") + "]," +
               field("commit", message) + field("epoch_authenticator", (*this)["carol"].epochAuthenticator());
    epochs_.back() = '}';
  }
  // Everybody follows; who is new.
  std::vector<std::string> take(const std::string& author, const Bytes& message) {
    std::vector<std::string> added;
    for (auto& [name, client] : clients) {
      if (!client.group || !client.group->isMember()) continue;
      Received received = client.group->receive(message, {.psks = psks_}).value();
      CommitEffects effects = name == author ? client.group->merge(std::get<OwnCommit>(received).digest).value()
                                             : client.group->apply(std::get<StagedCommit>(std::move(received))).value();
      added.clear();
      for (const MemberAdded& newcomer : effects.added) added.push_back(nameOf(newcomer.node.credential));
    }
    return added;
  }

  WireFormat format_;
  Bytes key_;
  std::vector<ExternalPskKey> psks_;
  std::string head_, proposals_, epochs_;
};

TEST_CASE("a passive client follows transcripts with sealed handshakes, and with handshakes in clear, in every suite") {
  for (const crypto::Suite& suite : crypto::kSuites) {
    for (WireFormat format : {WireFormat::privateMessage, WireFormat::publicMessage}) {
      INFO(suite.name << ", wire format " << static_cast<int>(format));
      std::string text = Transcript(suite, format).json();
      test::Json file = test::Json::parse(text);
      const vectors::Format* found = vectors::recognise(file);
      REQUIRE(found != nullptr);
      CHECK(found->name == "passive-client");
      CHECK(vectors::whatIsWrong(*found, file.at(0)).value_or("") == "");
      // Any wrong digit is found: the last one is of the last epoch's authenticator.
      std::size_t last = text.find_last_of("0123456789abcdef");
      text[last] = text[last] == '0' ? '1' : '0';
      CHECK(vectors::whatIsWrong(*found, test::Json::parse(text).at(0)));
    }
  }
}

}  // namespace
}  // namespace qpq::mls
