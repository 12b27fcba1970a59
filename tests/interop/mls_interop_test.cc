#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/foreign_suite_test.h"
#include "interop/node_peer.h"
#include "mls/group/group.h"
#include "support/seeded_random.h"

// Live against ts-mls, which nobody here wrote: groups in which some members are ours and some are theirs, whoever
// founded them.
namespace qpq::mls {
namespace {

using test::NodePeer;
using Words = std::vector<std::string>;

// Theirs looks at the clock of the machine.
const uint64_t kSeconds = static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
const Instant kNow{kSeconds * kSecondMs};
const Lifetime kLifetime{kSeconds - 3'600, kSeconds + 7 * 24 * 3'600};
constexpr std::array kSuites{crypto::kSuites[0], crypto::kSuites[1], crypto::kSuites[2], crypto::kSuiteTsMls83};

enum class Entrance { join, resync };

struct Committed {
  Bytes commit;
  std::optional<Bytes> welcome;
};

// What members of an epoch have in common.
struct Agreed {
  uint64_t epoch;
  Bytes authenticator;
  Bytes exported;
  bool operator==(const Agreed&) const = default;
};

// One member, whoever wrote it. Messages are whole MLSMessages.
class Member {
 public:
  virtual ~Member() = default;
  virtual Bytes keyPackage() = 0;  // a fresh one; what comes next uses it
  virtual void create() = 0;
  virtual void join(const Bytes& welcome) = 0;
  virtual Committed add(const Bytes& keyPackage, WireFormat format) = 0;
  virtual Bytes commit(WireFormat format) = 0;  // everything proposed, with a path
  virtual Bytes proposeRemoval(LeafIndex removed, WireFormat format) = 0;
  virtual Bytes say(std::string_view text) = 0;
  virtual std::string read(const Bytes& message) = 0;  // empty for a handshake, which takes effect
  virtual Bytes openGroupInfo() = 0;
  virtual Bytes enter(const Bytes& groupInfo, Entrance how) = 0;
  virtual Agreed agreed() = 0;
  virtual LeafIndex leaf() = 0;
  virtual bool isMember() = 0;
};

class Ours: public Member {
 public:
  Ours(const crypto::Suite& suite, std::string_view name, Random& random)
      : suite_(suite), name_(toBytes(asBytes(name))), random_(random) {
    signer_ = crypto::generateSignatureKey(suite.signature, random);
  }

  Bytes keyPackage() override {
    package_ =
        createKeyPackage(
            suite_, signer_,
            {.credential = {BasicCredential{name_}}, .capabilities = capabilities(), .lifetime = kLifetime}, random_)
            .value();
    return encode(MLSMessage{.message = {package_->keyPackage}});
  }
  void create() override {
    group_ = Group::create(suite_, signer_,
                           {.groupId = toBytes(asBytes("a group")),
                            .credential = {BasicCredential{name_}},
                            .capabilities = capabilities(),
                            .policy = policy()},
                           random_)
                 .value();
  }
  void join(const Bytes& welcome) override {
    auto message = decode<MLSMessage>(welcome).value();
    group_ = Group::join(*message.as<Welcome>(), package_->keyPackage, package_->privateKeys,
                         signer_.privateKey.expose(), {.policy = policy(), .suites = kSuites})
                 .value()
                 .group;
  }
  Committed add(const Bytes& keyPackage, WireFormat format) override {
    auto message = decode<MLSMessage>(keyPackage).value();
    CommitPlan plan;
    plan.adds.push_back(VerifiedKeyPackage::check(*message.as<KeyPackage>(), suite_, kNow).value());
    return make(plan, format);
  }
  Bytes commit(WireFormat format) override {
    CommitPlan plan;
    for (const StoredProposal* stored : group_->proposals()) plan.references.push_back(stored->ref);
    return make(plan, format).commit;
  }
  Bytes proposeRemoval(LeafIndex removed, WireFormat format) override {
    Bytes message = group_->propose({Remove{removed}}, {}, random_, format).value();
    read(message);  // back from the network
    return message;
  }
  Bytes say(std::string_view text) override {
    return group_->protect(asBytes(text), asBytes("terms"), random_).value();
  }
  std::string read(const Bytes& message) override {
    Received received = group_->receive(message).value();
    if (auto* application = std::get_if<ApplicationMessage>(&received)) return std::string(asText(application->data));
    if (auto* proposal = std::get_if<StagedProposal>(&received)) {
      group_->apply(std::move(*proposal)).value();
    } else {
      group_->apply(std::get<StagedCommit>(std::move(received))).value();
    }
    group_ = Group::load(group_->save(), kSuites).value();
    return {};
  }
  Bytes openGroupInfo() override { return encode(MLSMessage{.message = {group_->openGroupInfo({}).value()}}); }
  Bytes enter(const Bytes& groupInfo, Entrance how) override {
    EntryOptions options{.credential = {BasicCredential{name_}}, .capabilities = capabilities(), .policy = policy()};
    if (how == Entrance::resync) options.resync = leaf();
    options.suites = kSuites;
    auto message = decode<MLSMessage>(groupInfo).value();
    EnteredGroup entered = Group::enter(*message.as<GroupInfo>(), signer_, options, random_).value();
    group_ = std::move(entered.group);
    return entered.commit;
  }
  Agreed agreed() override {
    return {group_->epoch().value, toBytes(group_->epochAuthenticator()),
            toBytes(group_->exportSecret("label", asBytes("context"), 32).value().expose())};
  }
  LeafIndex leaf() override { return group_->ownLeaf(); }
  bool isMember() override { return group_ && group_->isMember(); }

 private:
  Capabilities capabilities() const {
    return {.versions = {ProtocolVersion::mls10},
            .cipherSuites = {CipherSuiteId{suite_.id}},
            .credentials = {CredentialType::basic, CredentialType::x509}};  // as theirs: each knows what others list
  }
  static GroupPolicy policy() {
    return {.handshakes = IncomingHandshakes::publicToo, .externalCommits = ExternalCommits::joinAndResync};
  }
  Committed make(const CommitPlan& plan, WireFormat format) {
    const PendingCommit* pending = group_->commit(plan, {.wireFormat = format}, random_).value();
    Committed made{pending->message(), pending->welcome()};
    group_->merge(pending->digest()).value();
    return made;
  }

  const crypto::Suite& suite_;
  Bytes name_;
  Random& random_;
  crypto::SignatureKeyPair signer_;
  std::optional<NewKeyPackage> package_;
  std::optional<Group> group_;
};

class Theirs: public Member {
 public:
  Theirs(NodePeer& node, const crypto::Suite& suite, std::string_view name)
      : node_(node), suite_(std::to_string(suite.id)), name_(name) {}

  Bytes keyPackage() override {
    return *fromHex(
        ask({"key-package", name_, suite_, std::to_string(kLifetime.notBefore), std::to_string(kLifetime.notAfter)})
            .at(0));
  }
  void create() override {
    keyPackage();
    ask({"create", name_, toHex(asBytes("a group"))});
  }
  void join(const Bytes& welcome) override { ask({"join", name_, toHex(welcome)}); }
  Committed add(const Bytes& keyPackage, WireFormat format) override {
    Words made = ask({"add", name_, word(format), toHex(keyPackage)});
    return {*fromHex(made.at(0)), *fromHex(made.at(1))};
  }
  Bytes commit(WireFormat format) override { return *fromHex(ask({"commit", name_, word(format)}).at(0)); }
  Bytes proposeRemoval(LeafIndex removed, WireFormat format) override {
    return *fromHex(ask({"propose-remove", name_, word(format), std::to_string(removed.value)}).at(0));
  }
  Bytes say(std::string_view text) override {
    return *fromHex(ask({"say", name_, toHex(asBytes(text)), toHex(asBytes("terms"))}).at(0));
  }
  std::string read(const Bytes& message) override {
    Words said = ask({"receive", name_, toHex(message)});
    return said.empty() ? std::string() : std::string(asText(*fromHex(said[0])));
  }
  Bytes openGroupInfo() override { return *fromHex(ask({"group-info", name_}).at(0)); }
  Bytes enter(const Bytes& groupInfo, Entrance how) override {
    keyPackage();
    return *fromHex(ask({"enter", name_, toHex(groupInfo), how == Entrance::resync ? "resync" : "join"}).at(0));
  }
  Agreed agreed() override {
    Words epoch = ask({"epoch", name_});
    return {std::stoull(epoch.at(0)), *fromHex(epoch.at(1)), *fromHex(epoch.at(2))};
  }
  LeafIndex leaf() override { return {static_cast<uint32_t>(std::stoul(ask({"epoch", name_}).at(3)))}; }
  bool isMember() override { return ask({"epoch", name_}).at(4) == "active"; }

 private:
  static std::string word(WireFormat format) { return format == WireFormat::publicMessage ? "public" : "private"; }
  Words ask(const Words& words) {
    Words answer = node_.ask(words);
    std::string reason;
    for (const std::string& word : answer) reason += ' ' + word.substr(0, 100);
    INFO(words[0] << " by " << name_ << ':' << reason);
    REQUIRE(answer.at(0) == "ok");
    answer.erase(answer.begin());
    return answer;
  }

  NodePeer& node_;
  std::string suite_;
  std::string name_;
};

using Members = std::vector<Member*>;

void checkAgreed(const Members& members) {
  for (Member* member : members) CHECK(member->agreed() == members[0]->agreed());
}

void deliver(const Bytes& message, const Members& readers) {
  for (Member* reader : readers) CHECK(reader->read(message).empty());
}

void converse(const Members& members) {
  checkAgreed(members);
  for (Member* speaker : members) {
    for (std::string text : {"hello", "a second one"}) {
      Bytes message = speaker->say(text);
      for (Member* reader : members) {
        if (reader != speaker) CHECK(reader->read(message) == text);
      }
    }
  }
}

// Everything this file is about, with handshakes in one wire format.
void live(Member& alice, Member& bob, Member& carol, WireFormat format) {
  alice.create();
  bob.join(*alice.add(bob.keyPackage(), format).welcome);
  converse({&alice, &bob});

  Committed added = bob.add(carol.keyPackage(), format);
  deliver(added.commit, {&alice});
  carol.join(*added.welcome);
  converse({&alice, &bob, &carol});

  deliver(alice.commit(format), {&bob, &carol});
  deliver(bob.commit(format), {&alice, &carol});
  deliver(carol.commit(format), {&alice, &bob});
  converse({&alice, &bob, &carol});

  deliver(bob.proposeRemoval(carol.leaf(), format), {&alice, &carol});
  deliver(alice.commit(format), {&bob, &carol});
  CHECK_FALSE(carol.isMember());
  converse({&alice, &bob});

  deliver(carol.enter(bob.openGroupInfo(), Entrance::join), {&alice, &bob});
  converse({&alice, &bob, &carol});
  deliver(carol.commit(format), {&alice, &bob});

  // Each has lost its state once.
  deliver(bob.enter(alice.openGroupInfo(), Entrance::resync), {&alice, &carol});
  converse({&alice, &bob, &carol});
  deliver(alice.enter(bob.openGroupInfo(), Entrance::resync), {&bob, &carol});
  converse({&alice, &bob, &carol});
  deliver(alice.commit(format), {&bob, &carol});
  deliver(bob.commit(format), {&alice, &carol});
  converse({&alice, &bob, &carol});
}

NodePeer startPeer() {
  auto node = NodePeer::start("mls");
  if (!node) SKIP("not run against ts-mls: " << node.error());
  return std::move(*node);
}

TEST_CASE("ts-mls joins a group of ours, and all live in it") {
  NodePeer node = startPeer();
  test::SeededRandom random(1);
  for (const crypto::Suite& suite : kSuites) {
    for (WireFormat format : {WireFormat::publicMessage, WireFormat::privateMessage}) {
      INFO("suite " << suite.id << ", wire format " << static_cast<int>(format));
      std::string end = std::to_string(suite.id) + (format == WireFormat::publicMessage ? "public" : "private");
      Ours alice(suite, "alice", random), carol(suite, "carol", random);
      Theirs bob(node, suite, "bob" + end);
      live(alice, bob, carol, format);
    }
  }
}

TEST_CASE("we join a group of ts-mls, and all live in it") {
  NodePeer node = startPeer();
  test::SeededRandom random(2);
  for (const crypto::Suite& suite : kSuites) {
    for (WireFormat format : {WireFormat::publicMessage, WireFormat::privateMessage}) {
      INFO("suite " << suite.id << ", wire format " << static_cast<int>(format));
      std::string end = std::to_string(suite.id) + (format == WireFormat::publicMessage ? "public" : "private");
      Theirs alice(node, suite, "alice" + end), carol(node, suite, "carol" + end);
      Ours bob(suite, "bob", random);
      live(alice, bob, carol, format);
    }
  }
}

}  // namespace
}  // namespace qpq::mls
