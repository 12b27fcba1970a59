#include <catch2/catch_test_macros.hpp>

#include "mls/group/group.h"
#include "support/vectors.h"

// The working group's passive clients: somebody else's groups, joined and followed from the outside in.
namespace qpq::mls {
namespace {

using test::Json;
using test::VectorFile;

class PassiveClient {
 public:
  PassiveClient(const crypto::Suite& suite, const Json& json): suite_(suite), json_(json) {
    for (const Json& psk : json["external_psks"].items()) keys_.push_back(psk["psk"].hex());
    for (const Json& psk : json["external_psks"].items()) psks_.push_back({psk["psk_id"].hex(), keys_[psks_.size()]});
  }

  void run() {
    Group group = join();
    CHECK(toHex(group.epochAuthenticator()) == toHex(json_["initial_epoch_authenticator"].hex()));
    for (const Json& epoch : json_["epochs"].items()) {
      INFO("epoch " << group.epoch().value);
      for (const Json& proposal : epoch["proposals"].items()) {
        group.apply(take<StagedProposal>(group, proposal.hex())).value();
      }
      // Nothing of the state is lost on the way through its records.
      group = Group::load(group.save()).value();
      group.apply(take<StagedCommit>(group, epoch["commit"].hex())).value();
      REQUIRE(toHex(group.epochAuthenticator()) == toHex(epoch["epoch_authenticator"].hex()));
    }
  }

 private:
  Group join() {
    auto keyPackage = *decode<MLSMessage>(json_["key_package"].hex()).value().as<KeyPackage>();
    auto welcome = *decode<MLSMessage>(json_["welcome"].hex()).value().as<Welcome>();
    KeyPackagePrivateKeys keys{SecretBytes(json_["init_priv"].hex()), SecretBytes(json_["encryption_priv"].hex())};
    CHECK(crypto::kemPublicKey(suite_.kem, keys.initKey.expose()) == keyPackage.initKey);
    JoinOptions options{.policy = {.handshakes = IncomingHandshakes::publicToo}, .psks = psks_};
    if (auto tree = json_.find("ratchet_tree")) options.ratchetTree = decode<RatchetTreeNodes>(tree->hex()).value();
    return std::move(
        Group::join(welcome, keyPackage, keys, json_["signature_priv"].hex(), std::move(options)).value().group);
  }

  template <class Staged>
  Staged take(Group& group, const Bytes& message) {
    Received received = group.receive(message, {.psks = psks_}).value();
    REQUIRE(std::holds_alternative<Staged>(received));
    return std::get<Staged>(std::move(received));
  }

  const crypto::Suite& suite_;
  const Json& json_;
  std::vector<Bytes> keys_;
  std::vector<ExternalPskKey> psks_;
};

void runFile(std::string_view name) {
  auto file = VectorFile::open(name);
  if (!file) return;
  std::size_t place = 0;
  for (const Json& c : file->json().items()) {
    INFO("case " << place++);
    const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(c["cipher_suite"].number()));
    if (suite == nullptr) continue;
    PassiveClient(*suite, c).run();
    file->verified();
  }
}

TEST_CASE("passive-client-welcome.json") { runFile("mls/passive-client-welcome.json"); }
TEST_CASE("passive-client-handling-commit.json") { runFile("mls/passive-client-handling-commit.json"); }
TEST_CASE("passive-client-random.json") { runFile("mls/passive-client-random.json"); }

}  // namespace
}  // namespace qpq::mls
