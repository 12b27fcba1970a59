#include "mls_scene.h"

#include <algorithm>
#include <string>
#include <utility>

#include "mls/message/framing.h"

namespace qpq::bench {

using namespace mls;

namespace {

constexpr Instant kNow{1'700'000'000'000};
constexpr uint64_t kNowSeconds = kNow.unixMs / kSecondMs;

}  // namespace

Credential MlsScene::credential() { return {BasicCredential{toBytes(asBytes("member " + std::to_string(++people_)))}}; }

Capabilities MlsScene::capabilities() const {
  return {.versions = {ProtocolVersion::mls10},
          .cipherSuites = {CipherSuiteId{suite_.id}},
          .credentials = {CredentialType::basic}};
}

MlsScene::Person MlsScene::newPerson() {
  auto signer = crypto::generateSignatureKey(suite_.signature, random_);
  auto package = createKeyPackage(suite_, signer,
                                  {.credential = credential(),
                                   .capabilities = capabilities(),
                                   .lifetime = {kNowSeconds - 3600, kNowSeconds + 30 * 24 * 3600}},
                                  random_);
  return {std::move(signer), std::move(package).value()};
}

Bytes MlsScene::published(const Person& person) { return encode(MLSMessage{.message = {person.package.keyPackage}}); }

std::vector<Bytes> MlsScene::newPackages(std::size_t count) {
  std::vector<Bytes> packages(count);
  for (Bytes& package : packages) package = published(newPerson());
  return packages;
}

Group MlsScene::newGroup() {
  auto signer = crypto::generateSignatureKey(suite_.signature, random_);
  return Group::create(
             suite_, signer,
             {.groupId = toBytes(asBytes("a group")), .credential = credential(), .capabilities = capabilities()},
             random_)
      .value();
}

VerifiedKeyPackage MlsScene::verified(ByteView keyPackage) const {
  auto message = decode<MLSMessage>(keyPackage).value();
  return VerifiedKeyPackage::check(*message.as<KeyPackage>(), suite_, kNow).value();
}

MlsScene::Sent MlsScene::commit(Group& group, const std::vector<Bytes>& adds, How how) {
  std::vector<std::optional<VerifiedKeyPackage>> checked(adds.size());
  forEachPart(how.executor, adds.size(), [&](std::size_t i) { checked[i] = verified(adds[i]); });
  CommitPlan plan;
  for (auto& package : checked) plan.adds.push_back(*std::move(package));
  CommitOptions options{.authenticatedData = {}, .groupInfoExtensions = {}, .tree = how.tree};
  options.executor = how.executor;
  const PendingCommit* pending = group.commit(plan, std::move(options), random_).value();
  Sent sent{pending->message(), pending->welcome()};
  group.merge(crypto::Hash32(pending->digest())).value();
  return sent;
}

void MlsScene::process(Group& group, const Bytes& commit, Executor* executor) {
  ReceiveOptions options;
  options.executor = executor;
  auto received = group.receive(commit, options).value();
  group.apply(std::get<StagedCommit>(std::move(received))).value();
}

Group MlsScene::joined(const Bytes& welcome, const Person& person, Executor* executor) {
  auto message = decode<MLSMessage>(welcome).value();
  JoinOptions options;
  options.executor = executor;
  return Group::join(*message.as<Welcome>(), person.package.keyPackage, person.package.privateKeys,
                     person.signer.privateKey.expose(), std::move(options))
      .value()
      .group;
}

MlsScene::Pair MlsScene::warmPair(std::size_t n) {
  Group first = newGroup();
  Person person = newPerson();
  Group last = joined(*commit(first, {published(person)}, {}).welcome, person);
  for (std::size_t members = 2; members < n; ++members) {
    Person next = newPerson();
    Sent sent = commit(last, {published(next)}, {});
    process(first, sent.commit);
    last = joined(*sent.welcome, next);
  }
  return {std::move(first), std::move(last)};
}

MlsScene::Bulk MlsScene::bulkGroup(std::size_t n) {
  constexpr std::size_t kAddsMax = 10'000;
  Group group = newGroup();
  for (std::size_t left = n - 2; left > 0;) {
    std::size_t count = std::min(left, kAddsMax);
    commit(group, newPackages(count), {.tree = TreePlace::outOfBand});
    left -= count;
  }
  Person last = newPerson();
  Bytes welcome = *commit(group, {published(last)}, {}).welcome;
  return {std::move(group), std::move(last), std::move(welcome)};
}

}  // namespace qpq::bench
