#include "mls/group/group.h"
#include "mls_vectors/checks.h"
#include "mls_vectors/expect.h"

// Somebody else's group, joined and followed from the outside in.
namespace qpq::mls::vectors {

using test::Json;

namespace {

// The vectors tell of groups whose policy nobody knows: everything the RFC allows is taken.
GroupPolicy policy() {
  return {.handshakes = IncomingHandshakes::publicToo,
          .externalCommits = ExternalCommits::joinAndResync,
          .outsideProposals = OutsideProposals::newMembersToo,
          .reInits = ReInits::allowed};
}

class PassiveClient {
 public:
  explicit PassiveClient(const Json& json): suite_(suiteOf(json)), json_(json) {
    for (const Json& psk : json["external_psks"].items()) keys_.push_back(psk["psk"].hex());
    for (const Json& psk : json["external_psks"].items()) psks_.push_back({psk["psk_id"].hex(), keys_[psks_.size()]});
  }

  void run() {
    Group group = join();
    expectEqual(group.epochAuthenticator(), json_["initial_epoch_authenticator"].hex(), "initial_epoch_authenticator");
    std::size_t place = 0;
    for (const Json& epoch : json_["epochs"].items()) {
      std::string where = "epochs[" + std::to_string(place++) + "].";
      for (const Json& proposal : epoch["proposals"].items()) {
        must(group.apply(take<StagedProposal>(group, proposal.hex(), where + "proposals")), where + "proposals");
      }
      // Nothing of the state is lost on the way through its records.
      group = must(Group::load(group.save(), suites()), "the saved state");
      must(group.apply(take<StagedCommit>(group, epoch["commit"].hex(), where + "commit")), where + "commit");
      expectEqual(group.epochAuthenticator(), epoch["epoch_authenticator"].hex(), where + "epoch_authenticator");
    }
  }

 private:
  Group join() {
    auto keyPackageMessage = decoded<MLSMessage>(json_, "key_package");
    auto welcomeMessage = decoded<MLSMessage>(json_, "welcome");
    const auto* keyPackage = keyPackageMessage.as<KeyPackage>();
    const auto* welcome = welcomeMessage.as<Welcome>();
    expect(keyPackage != nullptr && welcome != nullptr, "key_package or welcome is another message");
    KeyPackagePrivateKeys keys{kemKey(suite_, json_["init_priv"]), kemKey(suite_, json_["encryption_priv"])};
    SecretBytes signer = signatureKey(suite_, json_["signature_priv"]);
    expectEqual(must(crypto::kemPublicKey(suite_.kem, keys.initKey.expose()), "init_priv"), keyPackage->initKey,
                "the public key of init_priv");
    JoinOptions options{.policy = policy(), .psks = psks_, .suites = suites()};
    if (auto tree = json_.find("ratchet_tree")) {
      options.ratchetTree = must(decode<RatchetTreeNodes>(tree->hex()), "ratchet_tree");
    }
    return must(Group::join(*welcome, *keyPackage, keys, signer.expose(), std::move(options)), "welcome").group;
  }

  template <class Staged>
  Staged take(Group& group, const Bytes& message, const std::string& what) {
    Received received = must(group.receive(message, {.psks = psks_}), what);
    if (!std::holds_alternative<Staged>(received)) failed(what + " is another kind of message");
    return std::get<Staged>(std::move(received));
  }

  const crypto::Suite& suite_;
  const Json& json_;
  std::vector<Bytes> keys_;
  std::vector<ExternalPskKey> psks_;
};

}  // namespace

void checkPassiveClient(const Json& vector) { PassiveClient(vector).run(); }

}  // namespace qpq::mls::vectors
