#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "crypto/suite.h"
#include "mls/group/group.h"
#include "mls/schedule/labelled.h"
#include "support/seeded_random.h"

namespace qpq::mls {

inline const ExtensionType kRulesExtension{0xf0c1};
inline const Instant kNow{1'700'000'000'000};

// People with names and a group they share. Everything goes through the public interface and travels as bytes; what a
// step promises is checked where it happens, and a broken promise throws.
class GroupScene {
 public:
  struct Client {
    crypto::SignatureKeyPair signer;
    std::optional<NewKeyPackage> package;  // the newest one made
    std::optional<Group> group;
  };

  explicit GroupScene(const crypto::Suite& suite = crypto::kProductSuite, uint64_t seed = 1)
      : suite(suite), random(seed) {}

  Group& operator[](const std::string& name) { return *clients.at(name).group; }

  Client& client(const std::string& name) {
    auto found = clients.find(name);
    if (found != clients.end()) return found->second;
    return clients.emplace(name, Client{crypto::generateSignatureKey(suite.signature, random), {}, {}}).first->second;
  }

  Capabilities capabilities() const {
    return {.versions = {ProtocolVersion::mls10},
            .cipherSuites = {CipherSuiteId{suite.id}},
            .extensions = {kRulesExtension},
            .proposals = proposals,
            .credentials = {CredentialType::basic}};
  }

  static Lifetime lifetime() {
    uint64_t now = kNow.unixMs / kSecondMs;
    return {now - 3'600, now + 30 * 24 * 3'600};
  }

  static Extensions requiredCapabilities() {
    RequiredCapabilities required{.extensions = {kRulesExtension},
                                  .proposals = {ProposalType::selfRemove},
                                  .credentials = {CredentialType::basic}};
    return {{{ExtensionType::requiredCapabilities, encode(required)}, {kRulesExtension, toBytes(asBytes("rules"))}}};
  }

  // A fresh key package of a client; its private keys stay with the client.
  VerifiedKeyPackage package(const std::string& name) {
    Client& owner = client(name);
    owner.package = createKeyPackage(suite, owner.signer,
                                     {.credential = {BasicCredential{toBytes(asBytes(name))}},
                                      .capabilities = capabilities(),
                                      .lifetime = lifetime()},
                                     random)
                        .value();
    return VerifiedKeyPackage::check(owner.package->keyPackage, suite, kNow).value();
  }

  GroupOptions options(const std::string& name) const {
    return {.groupId = toBytes(asBytes("a log")),
            .credential = {BasicCredential{toBytes(asBytes(name))}},
            .capabilities = capabilities(),
            .groupContextExtensions = requiredCapabilities(),
            .policy = policy};
  }

  void foundAlone(const std::string& name) {
    Client& founder = client(name);
    founder.group = Group::create(suite, founder.signer, options(name), random).value();
  }

  // A group of these people, made by the first of them.
  void found(const std::vector<std::string>& names) {
    foundAlone(names.front());
    if (names.size() > 1) add(names.front(), {names.begin() + 1, names.end()});
  }

  void add(const std::string& author, const std::vector<std::string>& names) {
    CommitPlan plan;
    for (const std::string& name : names) plan.adds.push_back(package(name));
    commit(author, plan);
  }

  Result<JoinedGroup> join(const std::string& name, const Bytes& welcome) {
    Client& newcomer = clients.at(name);
    auto message = decode<MLSMessage>(welcome).value();
    return Group::join(*message.as<Welcome>(), newcomer.package->keyPackage, newcomer.package->privateKeys,
                       newcomer.signer.privateKey.expose(), {.policy = policy});
  }

  // The whole way of a commit: made, read by everybody in the order's place, merged by its author, newcomers welcomed.
  void commit(const std::string& author, const CommitPlan& plan, CommitOptions options = {}) {
    const PendingCommit* pending = clients.at(author).group->commit(plan, options, random).value();
    deliver(author, Bytes(pending->message()), pending->welcome());
  }

  void deliver(const std::string& author, const Bytes& message, const std::optional<Bytes>& welcome) {
    std::optional<Bytes> kept = welcome;
    std::vector<std::string> added;
    for (auto& [name, client] : clients) {
      if (!client.group || !client.group->isMember()) continue;
      Received received = client.group->receive(message).value();
      CommitEffects effects;
      if (name == author) {
        effects = client.group->merge(std::get<OwnCommit>(received).digest).value();
      } else {
        effects = client.group->apply(std::get<StagedCommit>(std::move(received))).value();
      }
      added.clear();
      for (const MemberAdded& newcomer : effects.added) added.push_back(nameOf(newcomer.node.credential));
    }
    for (const std::string& name : added) clients.at(name).group = std::move(join(name, *kept).value().group);
    requireAgreement();
  }

  // Everybody else reads what one says; returns how many did.
  int say(const std::string& name, std::string_view text) {
    Bytes message = clients.at(name).group->protect(asBytes(text), asBytes("terms"), random).value();
    int readers = 0;
    for (auto& [other, client] : clients) {
      if (other == name || !client.group || !client.group->isMember()) continue;
      auto read = std::get<ApplicationMessage>(client.group->receive(message).value());
      require(asText(read.data) == text && nameOf(read.sender.credential) == name, "a message arrives as it was said");
      ++readers;
    }
    return readers;
  }

  // A member says it leaves, and the others who are listed read it.
  Bytes leave(const std::string& name, const std::vector<std::string>& readers) {
    Bytes message = clients.at(name).group->propose({SelfRemove{}}, {}, random).value();
    for (const std::string& reader : readers) readProposal(reader, message);
    return message;
  }

  void readProposal(const std::string& reader, const Bytes& message) {
    Group& group = *clients.at(reader).group;
    group.apply(std::get<StagedProposal>(group.receive(message).value())).value();
  }

  LeafIndex leafOf(const std::string& name) { return clients.at(name).group->ownLeaf(); }

  static std::string nameOf(const Credential& credential) {
    return std::string(asText(credential.as<BasicCredential>()->identity));
  }

  // All who are in the group are in one epoch of it.
  void requireAgreement() {
    const Group* first = nullptr;
    for (auto& [name, client] : clients) {
      if (!client.group || !client.group->isMember()) continue;
      if (first == nullptr) first = &*client.group;
      require(equal(client.group->epochAuthenticator(), first->epochAuthenticator()), "members agree on the epoch");
      require(client.group->members() == first->members(), "members agree on who they are");
    }
  }

  // The GroupInfo as it stands, under a signature of `name`.
  GroupInfo signedBy(const std::string& name, GroupInfo info) {
    ByteView key = client(name).signer.privateKey.expose();
    info.signature = signWithLabel(suite, key, "GroupInfoTBS", encode(GroupInfoTBS{info})).value();
    return info;
  }

  static void require(bool condition, const char* what) {
    if (!condition) throw std::logic_error(what);
  }

  const crypto::Suite& suite;
  test::SeededRandom random;
  GroupPolicy policy;
  std::vector<ProposalType> proposals{ProposalType::selfRemove};  // what everybody's leaf lists
  std::map<std::string, Client> clients;
};

using SavedState = std::map<Bytes, Bytes>;

inline SavedState saved(const Group& group) {
  SavedState state;
  for (const Record& record : group.save()) state[record.key] = toBytes(record.value.expose());
  return state;
}

inline Group reloaded(const Group& group) { return Group::load(group.save()).value(); }

}  // namespace qpq::mls
