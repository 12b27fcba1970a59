// Alice makes a group, adds Bob, and they talk. Whatever changes is kept as records, as in a database.
#include <map>
#include <print>

#include "crypto/system_random.h"
#include "mls/group/group.h"

using namespace qpq;
using Database = std::map<Bytes, Bytes>;

constexpr const crypto::Suite& kSuite = crypto::kProductSuite;
const mls::Capabilities kCapabilities{.versions = {mls::ProtocolVersion::mls10},
                                      .cipherSuites = {mls::CipherSuiteId{kSuite.id}},
                                      .credentials = {mls::CredentialType::basic}};

mls::Credential named(std::string_view name) { return {mls::BasicCredential{toBytes(asBytes(name))}}; }

// In one transaction with whatever the application has to remember of the same event.
void persist(Database& database, mls::Group& group) {
  for (const mls::RecordChange& change : group.takeDelta()) {
    if (change.value) database[change.key] = toBytes(change.value->expose());
    if (!change.value) database.erase(change.key);
  }
}

mls::Group load(const Database& database) {
  std::vector<mls::Record> records;
  for (const auto& [key, value] : database) records.push_back({key, SecretBytes(value)});
  return mls::Group::load(records).value();
}

int main() {
  crypto::SystemRandom random;
  Instant now{1'800'000'000'000};  // the caller's clock
  auto alice = crypto::generateSignatureKey(kSuite.signature, random);
  auto bob = crypto::generateSignatureKey(kSuite.signature, random);

  mls::GroupOptions options{.groupId = {1, 2, 3}, .credential = named("alice"), .capabilities = kCapabilities};
  mls::Group alices = mls::Group::create(kSuite, alice, options, random).value();

  mls::KeyPackageOptions published{named("bob"), kCapabilities, {.notBefore = 0, .notAfter = 0}, {}, {}};
  published.lifetime = {now.unixMs / 1000, now.unixMs / 1000 + 30 * 24 * 3600};
  mls::NewKeyPackage package = mls::createKeyPackage(kSuite, bob, published, random).value();

  mls::CommitPlan plan{.adds = {mls::VerifiedKeyPackage::check(package.keyPackage, kSuite, now).value()}};
  const mls::PendingCommit* pending = alices.commit(plan, {}, random).value();
  auto welcome = decode<mls::MLSMessage>(pending->welcome().value()).value();
  alices.merge(pending->digest()).value();  // once the commit has its place in the order
  ByteView bobsKey = bob.privateKey.expose();
  auto joined = mls::Group::join(*welcome.as<mls::Welcome>(), package.keyPackage, package.privateKeys, bobsKey, {});
  Database database;
  persist(database, joined.value().group);
  Bytes message = alices.protect(asBytes("hello bob"), {}, random).value();
  mls::Group bobs = load(database);
  auto received = std::get<mls::ApplicationMessage>(bobs.receive(message).value());
  persist(database, bobs);
  std::println("{}: {}", asText(received.sender.credential.as<mls::BasicCredential>()->identity),
               asText(received.data));
  return asText(received.data) == "hello bob" ? 0 : 1;
}
