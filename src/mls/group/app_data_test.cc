#include "mls/group/app_data.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/group/insider_test.h"

// draft-ietf-mls-extensions §4: data of applications in the GroupContext, in commits, and exported once.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

const ComponentId kTopic{0x8001};
const ComponentId kCounter{0x8002};

Proposal update(ComponentId component, Bytes data) {
  return {AppDataUpdate{component, {AppDataNews{std::move(data)}}}};
}
Proposal removal(ComponentId component) { return {AppDataUpdate{component, {Empty<AppDataOperation::remove>{}}}}; }

struct Scene: GroupScene {
  Scene() {
    proposals = {ProposalType::selfRemove, ProposalType::appDataUpdate, ProposalType::appEphemeral};
    components = {replacedByLast(kTopic), {kCounter, [](const Bytes* before, std::span<const Bytes> updates) {
                                             // Adds, and refuses to go beyond 100.
                                             int sum = before != nullptr ? (*before)[0] : 0;
                                             for (const Bytes& update : updates) sum += update.at(0);
                                             return sum <= 100 ? std::optional(Bytes{static_cast<uint8_t>(sum)})
                                                               : std::nullopt;
                                           }}};
    found(Names{"alice", "bob", "carol"});
  }
  Capabilities all() const {
    Capabilities can = capabilities();
    can.extensions.push_back(ExtensionType::appDataDictionary);
    return can;
  }
  // A group whose members know the dictionary and demand AppDataUpdate of each other.
  void guard() {
    clients.clear();
    GroupOptions founder = options("alice");
    founder.capabilities = all();
    RequiredCapabilities required{.extensions = {kRulesExtension},
                                  .proposals = {ProposalType::selfRemove, ProposalType::appDataUpdate},
                                  .credentials = {CredentialType::basic}};
    founder.groupContextExtensions.items[0].data = encode(required);
    client("alice").group = Group::create(suite, client("alice").signer, founder, random).value();
    CommitPlan plan;
    for (const char* name : {"bob", "carol"}) plan.adds.push_back(fullPackage(name));
    commit("alice", plan);
  }
  VerifiedKeyPackage fullPackage(const std::string& name) {
    Client& owner = client(name);
    owner.package =
        createKeyPackage(
            suite, owner.signer,
            {.credential = {BasicCredential{toBytes(asBytes(name))}}, .capabilities = all(), .lifetime = lifetime()},
            random)
            .value();
    return VerifiedKeyPackage::check(owner.package->keyPackage, suite, kNow).value();
  }
  Result<CommitEffects> commitData(const std::string& author, std::vector<Proposal> proposals) {
    CommitPlan plan{.others = std::move(proposals), .path = PathChoice::whereRequired};
    const PendingCommit* pending = TRY(clients.at(author).group->commit(plan, {.components = components}, random));
    CommitEffects effects = pending->effects();
    for (auto& [name, client] : clients) {
      if (name == author) continue;
      auto staged =
          std::get<StagedCommit>(client.group->receive(pending->message(), {.components = components}).value());
      require(staged.effects() == effects, "all see the same");
      client.group->apply(std::move(staged)).value();
    }
    clients.at(author).group->merge(pending->digest()).value();
    requireAgreement();
    return effects;
  }
  AppDataDictionary dictionary(const std::string& name) {
    const Extension* extension = (*this)[name].extensions().find(ExtensionType::appDataDictionary);
    return extension != nullptr ? decode<AppDataDictionary>(extension->data).value() : AppDataDictionary();
  }
  std::vector<AppComponent> components;
};

TEST_CASE("updates and removals of a component change the dictionary of all, without a path") {
  Scene scene;
  scene.guard();
  CommitEffects effects = scene.commitData("alice", {update(kCounter, {3}), update(kTopic, {1})}).value();
  CHECK(effects.updated.empty());
  REQUIRE(effects.extensions);
  CHECK(effects.extensions->after == scene["bob"].extensions());
  CHECK(scene.dictionary("bob") == AppDataDictionary{{{kTopic, {1}}, {kCounter, {3}}}});
  CHECK(scene["bob"].extensions().items.size() == 3);  // what was there before stays
  scene.commitData("bob", {update(kCounter, {4}), update(kTopic, {2}), update(kCounter, {5})}).value();
  CHECK(scene.dictionary("carol") == AppDataDictionary{{{kTopic, {2}}, {kCounter, {12}}}});
  scene.commitData("carol", {removal(kTopic)}).value();
  CHECK(scene.dictionary("alice") == AppDataDictionary{{{kCounter, {12}}}});
  CHECK(scene.say("alice", "go on") == 2);
}

TEST_CASE("a component may refuse, and one thing at a time is done to it") {
  Scene scene;
  scene.guard();
  SavedState before = saved(scene["alice"]);
  auto refusal = [&](std::vector<Proposal> proposals) {
    Error error = scene.commitData("alice", std::move(proposals)).error();
    CHECK(saved(scene["alice"]) == before);
    return error;
  };
  CHECK(refusal({update(kTopic, {1}), update(kCounter, {101})}) == Error(ErrorCode::appDataRefused, 1));
  CHECK(refusal({removal(kTopic)}) == Error(ErrorCode::appDataRefused, 0));
  CHECK(refusal({removal(kTopic), removal(kTopic)}) == Error(ErrorCode::appDataConflict, 1));
  CHECK(refusal({update(kTopic, {1}), removal(kTopic)}) == Error(ErrorCode::appDataConflict, 1));
  CHECK(refusal({removal(kTopic), update(kTopic, {1})}) == Error(ErrorCode::appDataConflict, 1));
  CHECK(refusal({update(ComponentId{0x8003}, {1})}) == Error(ErrorCode::unsupportedProposal));
}

TEST_CASE("a receiver without the component refuses, and a member without the type keeps it out") {
  Scene scene;
  scene.guard();
  CommitPlan plan{.others = {update(kTopic, {1})}};
  Bytes message = scene["alice"].commit(plan, {.components = scene.components}, scene.random).value()->message();
  CHECK(scene["bob"].receive(message).error() == Error(ErrorCode::unsupportedProposal, 0));
  CHECK(scene["bob"].receive(message, {.components = scene.components}));
  GroupScene poor;
  poor.found(Names{"alice", "bob"});
  CHECK(poor["alice"].commit(plan, {.components = scene.components}, poor.random).error() ==
        Error(ErrorCode::unsupportedProposal, 1));
}

// OpenMLS#2125.
TEST_CASE("where AppDataUpdate is required, no GroupContextExtensions touches the dictionary") {
  Scene scene;
  scene.guard();
  scene.commitData("alice", {update(kTopic, {1})}).value();
  Extensions now = scene["alice"].extensions();
  auto commit = [&](const Extensions& extensions) {
    return scene["alice"].commit({.groupContextExtensions = extensions}, {}, scene.random);
  };
  Extensions changed = now;
  changed.items.back().data = encode(AppDataDictionary{{{kTopic, {9}}}});
  CHECK(commit(changed).error() == Error(ErrorCode::appDataInExtensions));
  Extensions without = now;
  without.items.pop_back();
  CHECK(commit(without).error() == Error(ErrorCode::appDataInExtensions));
  Insider alice(scene["alice"], scene.random);
  Bytes forged = alice.commit({.proposals = Insider::byValue({{GroupContextExtensions{without}}})});
  CHECK(scene["bob"].receive(forged).error() == Error(ErrorCode::appDataInExtensions, 0));
  Extensions other = now;
  other.items[1].data = {7};
  CHECK(commit(other));  // anything else may change beside it
}

TEST_CASE("data for the moment of a commit is told and leaves no trace") {
  Scene scene;
  Extensions before = scene["bob"].extensions();
  CommitEffects effects = scene.commitData("alice", {{AppEphemeral{kTopic, {1, 2}}}}).value();
  REQUIRE(effects.custom.size() == 1);
  CHECK(effects.custom[0].proposal.as<AppEphemeral>()->data == Bytes{1, 2});
  CHECK(scene["bob"].extensions() == before);
  Bytes proposal =
      scene["bob"]
          .propose({AppEphemeral{kTopic, {}}}, {}, scene.random, WireFormat::privateMessage, scene.components)
          .value();
  CHECK(scene["carol"].receive(proposal).error() == Error(ErrorCode::unsupportedProposal));
  CHECK(scene["carol"].receive(proposal, {.components = scene.components}));
}

TEST_CASE("a dictionary ascends, and holds each component once") {
  using Code = DecodeError::Code;
  auto code = [](std::vector<ComponentData> items) {
    return decode<AppDataDictionary>(encode(AppDataDictionary{std::move(items)})).error().code;
  };
  CHECK(code({{kCounter, {}}, {kTopic, {}}}) == Code::notSorted);
  CHECK(code({{kTopic, {}}, {kTopic, {1}}}) == Code::notSorted);
  std::vector<ComponentData> many;
  for (uint16_t i = 0; i <= kComponentsMax; ++i) many.push_back({ComponentId{i}, {}});
  CHECK(code(many) == Code::tooLarge);
  many.pop_back();
  CHECK(decode<AppDataDictionary>(encode(AppDataDictionary{many})));
  // AppDataUpdate on the wire: id, operation, and what belongs to it.
  CHECK(toHex(encode(update(kTopic, {0xaa}))) ==
        "0008"
        "8001"
        "01"
        "01aa");
  CHECK(toHex(encode(removal(kTopic))) ==
        "0008"
        "8001"
        "02");
  CHECK(decode<Proposal>(*fromHex("0008"
                                  "8001"
                                  "03"))
            .error()
            .code == Code::unknownValue);
  CHECK(toHex(encode(Proposal{AppEphemeral{kTopic, {0xbb}}})) ==
        "0009"
        "8001"
        "01bb");
}

TEST_CASE("the safe exporter gives all members one secret per component, once, also after a restart") {
  Scene scene;
  auto take = [&](const std::string& name, ComponentId component) {
    return toHex(scene[name].safeExportSecret(component).value().expose());
  };
  std::string topic = take("alice", kTopic);
  CHECK(topic == take("bob", kTopic));
  CHECK(topic != take("alice", kCounter));
  scene.clients.at("alice").group = reloaded(scene["alice"]);
  CHECK(scene["alice"].safeExportSecret(kTopic).error() == Error(ErrorCode::secretExported, 0x8001));
  const PendingCommit* pending = scene["alice"].commit({}, {}, scene.random).value();
  Bytes message = pending->message();
  scene.clients.at("alice").group = reloaded(scene["alice"]);
  scene.deliver("alice", message, {});
  std::string next = take("alice", kTopic);
  CHECK(next != topic);
  CHECK(next == take("carol", kTopic));
  scene.commit("bob", {.removes = {scene.leafOf("carol")}});
  CHECK(scene["carol"].safeExportSecret(kTopic).error() == Error(ErrorCode::removedFromGroup));
}

}  // namespace
}  // namespace qpq::mls
