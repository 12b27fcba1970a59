// A member of a group of three and what the network, or another member who keeps no rule, may put before it. The input
// is a list of {u8 step, u16 size, bytes}. An error must leave the member as it was, to the last bit; whatever is
// accepted must be kept and loaded again; and no step may cost more than its suite's limit of CPU time. The suite is 1,
// or the one QPQ_FUZZ_SUITE names.
#include <cstdlib>

#include "cost.h"
#include "mls/group/insider_test.h"
#include "mls/group/outside_proposal.h"

using namespace qpq;
using namespace qpq::mls;
using fuzz::laidOver;
using fuzz::require;

namespace {

enum class Step : uint8_t {
  bytes,        // as they are
  application,  // laid over a genuine message of each kind
  proposal,
  commit,
  publicCommit,
  insiderContent,  // a content of the insider's making, properly signed and sealed
  insiderCommit,   // proposals of the insider's making, in a commit that is right otherwise
  welcome,         // laid over a genuine one, for somebody who is about to join
  record,          // laid over what the member itself had kept
  externalCommit,  // laid over genuine messages of those who are outside
  outsideProposal,
  update,
  count,
};

constexpr std::size_t kStepsMax = 64;       // of one input
constexpr std::size_t kSizeMax = 64 << 10;  // of the dearest messages

const crypto::Suite& suite() {
  const char* id = std::getenv("QPQ_FUZZ_SUITE");
  const crypto::Suite* found =
      crypto::findSuite(id != nullptr ? static_cast<uint16_t>(std::strtol(id, nullptr, 0)) : 1);
  require(found != nullptr);
  return *found;
}

// The larger curves are slower than everything else together.
double costMaxMs() { return suite().id >= 4 && suite().id <= 7 ? 1'000 : 100; }

// Made once; each input begins with a copy of bob as he was saved.
struct Stage {
  GroupScene scene{suite()};
  std::vector<Record> bob;
  Bytes application, proposal, commit, publicCommit, welcome, externalCommit, outsideProposal, update;

  Stage() {
    scene.policy = {.handshakes = IncomingHandshakes::publicToo,
                    .externalCommits = ExternalCommits::joinAndResync,
                    .outsideProposals = OutsideProposals::newMembersToo,
                    .reInits = ReInits::allowed};
    scene.found({"alice", "bob", "carol"});
    takeOutsiders();
    update = scene["carol"].proposeUpdate({}, {}, scene.random).value();
    scene["carol"].withdraw(scene["carol"].sentProposals()[0]->ref).value();
    scene.leave("carol", {"alice", "bob"});
    bob = scene["bob"].save();
    Group& alice = scene["alice"];
    proposal = scene["carol"].propose({Remove{{0}}}, asBytes("terms"), scene.random).value();
    CommitPlan plan;
    plan.adds.push_back(scene.package("dave"));
    auto take = [&](CommitOptions options) {
      auto* pending = alice.commit(plan, std::move(options), scene.random).value();
      welcome = pending->welcome().value();
      Bytes message = pending->message();
      alice.discard();
      return message;
    };
    publicCommit = take({.wireFormat = WireFormat::publicMessage});
    commit = take({});
    // Proposals forbid application data until they are committed: this one is carol's, who did not read her own back.
    application = scene["carol"].protect(asBytes("hello"), asBytes("terms"), scene.random).value();
  }

  void takeOutsiders() {
    EntryOptions options{.credential = {BasicCredential{toBytes(asBytes("erin"))}},
                         .capabilities = scene.capabilities(),
                         .policy = scene.policy};
    GroupInfo info = scene["alice"].openGroupInfo({}).value();
    externalCommit = Group::enter(info, scene.client("erin").signer, options, scene.random).value().commit;
    ProposalPlace place{scene.suite, scene["alice"].groupId(), scene["alice"].epoch()};
    KeyPackage package = scene.package("erin").keyPackage();
    outsideProposal = proposeToJoin(place, scene.client("erin").signer.privateKey.expose(), package).value();
  }

  // What under 64 KiB can be made to cost most: signatures and keys to check, keys to derive, much to hash.
  std::vector<Bytes> dearest() {
    Insider alice(scene["alice"], scene.random);
    auto fill = [&](auto make) {
      std::vector<Proposal> proposals;
      std::size_t size = 0;
      for (uint32_t i = 0;; ++i) {
        proposals.push_back(make(i));
        size += encode(proposals.back()).size() + 8;
        if (size > kSizeMax - 14'000) return alice.commit({.proposals = Insider::byValue(std::move(proposals))});
      }
    };
    return {
        fill([&](uint32_t i) { return Proposal{Add{scene.package("n" + std::to_string(i)).keyPackage()}}; }),
        fill([&](uint32_t) { return Proposal{Remove{{2}}}; }),
        fill([&](uint32_t i) {
          Bytes nonce(crypto::hashSize(scene.suite.hash), static_cast<uint8_t>(i));
          ResumptionPSK psk{ResumptionPSKUsage::application, scene["alice"].groupId(), scene["alice"].epoch()};
          return Proposal{PreSharedKey{{.psk = {psk}, .pskNonce = std::move(nonce)}}};
        }),
        alice.seal(alice.sign({ApplicationData{Bytes(kSizeMax - 5'000)}}), RatchetType::application),
        alice.seal(alice.sign({ApplicationData{}}), RatchetType::application, Generation{kForwardStepsMax}),
        alice.commit(
            {.onPath = [](UpdatePath& path) { path.nodes[0].encryptedPathSecret.resize(kSizeMax / 2 - 8'000, {}); }}),
    };
  }
};

class Listener {
 public:
  explicit Listener(Stage& stage): stage_(stage), random_(1), group_(Group::load(stage.bob).value()) {}

  void take(Step step, ByteView input) {
    switch (step) {
      case Step::bytes: return receive(toBytes(input));
      case Step::application: return receive(laidOver(stage_.application, input));
      case Step::proposal: return receive(laidOver(stage_.proposal, input));
      case Step::commit: return receive(laidOver(stage_.commit, input));
      case Step::publicCommit: return receive(laidOver(stage_.publicCommit, input));
      case Step::insiderContent: return insiderContent(input);
      case Step::insiderCommit: return insiderCommit(input);
      case Step::welcome: return join(laidOver(stage_.welcome, input));
      case Step::record: return load(input);
      case Step::externalCommit: return receive(laidOver(stage_.externalCommit, input));
      case Step::outsideProposal: return receive(laidOver(stage_.outsideProposal, input));
      case Step::update: return receive(laidOver(stage_.update, input));
      case Step::count: return;
    }
  }

  void receive(const Bytes& message) {
    SavedState before = saved(group_);
    auto received = fuzz::bounded(costMaxMs(), [&] { return group_.receive(message); });
    if (!received || !std::holds_alternative<ApplicationMessage>(*received)) require(saved(group_) == before);
    if (!received) return;
    if (auto* proposal = std::get_if<StagedProposal>(&*received)) {
      if (!group_.apply(std::move(*proposal))) require(saved(group_) == before);
    }
    if (auto* commit = std::get_if<StagedCommit>(&*received)) {
      static_cast<void>(commit->members());
      group_.apply(std::move(*commit)).value();
    }
    requireKept();
  }

  void requireKept() { require(saved(reloaded(group_)) == saved(group_)); }

 private:
  void insiderContent(ByteView input) {
    auto content = decode<Content>(input);
    if (!content) return;
    RatchetType type = content->type() == ContentType::application ? RatchetType::application : RatchetType::handshake;
    Insider alice(stage_.scene["alice"], random_);
    receive(alice.seal(alice.sign(*std::move(content)), type));
  }

  void insiderCommit(ByteView input) {
    auto proposals = decode<List<ProposalOrRef, 16>>(input);
    if (!proposals) return;
    Insider alice(stage_.scene["alice"], random_);
    receive(alice.commit({.proposals = *std::move(proposals)}));
  }

  void join(const Bytes& welcome) {
    if (!decode<MLSMessage>(welcome) || !decode<MLSMessage>(welcome)->as<Welcome>()) return;
    auto joined = fuzz::bounded(costMaxMs(), [&] { return stage_.scene.join("dave", welcome); });
    if (joined) {
      require(welcome == stage_.welcome);
      require(saved(reloaded(joined->group)) == saved(joined->group));
    }
  }

  // One record is damaged: the first byte says which.
  void load(ByteView input) {
    if (input.empty()) return;
    std::vector<Record> records = group_.save();
    Record& damaged = records[input[0] % records.size()];
    damaged.value = SecretBytes(laidOver(damaged.value.expose(), input.subspan(1)));
    auto loaded = fuzz::bounded(costMaxMs(), [&] { return Group::load(records); });
    if (loaded) static_cast<void>(loaded->receive(stage_.application));
  }

  Stage& stage_;
  test::SeededRandom random_;
  Group group_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static Stage stage;
  static const bool begun = [] {
    for (const Bytes& message : stage.dearest()) {
      require(message.size() <= kSizeMax);
      Listener(stage).receive(message);
    }
    return true;
  }();
  static_cast<void>(begun);
  Listener bob(stage);
  ByteView rest(data, size);
  for (std::size_t steps = 0; rest.size() >= 3 && steps < kStepsMax; ++steps) {
    auto step = static_cast<Step>(rest[0] % static_cast<uint8_t>(Step::count));
    std::size_t wanted = static_cast<std::size_t>(rest[1]) << 8 | rest[2];
    ByteView input = rest.subspan(3, std::min(wanted, rest.size() - 3));
    rest = rest.subspan(3 + input.size());
    bob.take(step, input);
  }
  bob.requireKept();
  return 0;
}
