// A member of a group of three and what the network, or another member who keeps no rule, may put before it. The input
// is a list of {u8 step, u16 size, bytes}. An error must leave the member as it was, to the last bit; whatever is
// accepted must be kept and loaded again.
#include "mls/group/insider_test.h"
#include "read_back.h"

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
  count,
};

// Made once; each input begins with a copy of bob as he was saved.
struct Stage {
  GroupScene scene{*crypto::findSuite(1)};
  std::vector<Record> bob;
  Bytes application, proposal, commit, publicCommit, welcome;

  Stage() {
    scene.policy.handshakes = IncomingHandshakes::publicToo;
    scene.found({"alice", "bob", "carol"});
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
      case Step::count: return;
    }
  }

  void requireKept() { require(saved(reloaded(group_)) == saved(group_)); }

 private:
  void receive(const Bytes& message) {
    SavedState before = saved(group_);
    auto received = group_.receive(message);
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
    if (auto joined = stage_.scene.join("dave", welcome)) {
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
    if (auto loaded = Group::load(records)) static_cast<void>(loaded->receive(stage_.application));
  }

  Stage& stage_;
  test::SeededRandom random_;
  Group group_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static Stage stage;
  Listener bob(stage);
  ByteView rest(data, size);
  while (rest.size() >= 3) {
    auto step = static_cast<Step>(rest[0] % static_cast<uint8_t>(Step::count));
    std::size_t wanted = static_cast<std::size_t>(rest[1]) << 8 | rest[2];
    ByteView input = rest.subspan(3, std::min(wanted, rest.size() - 3));
    rest = rest.subspan(3 + input.size());
    bob.take(step, input);
  }
  bob.requireKept();
  return 0;
}
