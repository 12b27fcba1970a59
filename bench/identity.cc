#include "identity.h"

#include <utility>

#include "must.h"
#include "wire/logs/envelope.h"
#include "wire/logs/roster.h"

namespace qpq::bench {

namespace {

constexpr std::size_t kRecoveryKeySize = 20;
constexpr std::size_t kSealedSenderDataSize = 28;
constexpr uint8_t kNoise = 0x5a;

}  // namespace

Identity Identity::random(std::string name, Random& random) {
  wire::RosterEntry entry{AccountId::random(random), DeviceId::random(random)};
  crypto::Ed25519Key account(random.secret<32>()), device(random.secret<32>());
  return {std::move(name), entry, std::move(account), std::move(device)};
}

Papers papersOf(const Identity& identity, const wire::VaultKey& passwordKey, Instant now, Random& random) {
  const auto& [account, device] = identity.entry;
  auto recoveryKey = must(wire::VaultKey::fromRecoveryKey(random.bytes<kRecoveryKeySize>()));
  Secret<32> seed = identity.accountKey.seed();
  wire::ListedDevice listed{device, identity.deviceKey.publicKey(), wire::DeviceState::active, now.unixMs};
  return {
      .vault = {.byPassword = wire::sealSeed(passwordKey, account, 1, seed, random),
                .byRecovery = wire::sealSeed(recoveryKey, account, 1, seed, random)},
      .list = wire::sign(identity.accountKey, wire::DeviceListTBS{.account = account,
                                                                  .accountKey = identity.accountKey.publicKey(),
                                                                  .listVersion = 1,
                                                                  .devices = {listed}}),
      .certificate = wire::sign(identity.accountKey, wire::CertificateTBS{.account = account,
                                                                          .accountKey = identity.accountKey.publicKey(),
                                                                          .device = device,
                                                                          .deviceKey = identity.deviceKey.publicKey(),
                                                                          .listVersion = 1})};
}

wire::Terms foundingTerms(const LogId& log, const wire::Sorted<wire::RosterEntry>& devices, Random& random) {
  wire::CommitTerms commit{.added = devices, .rosterAfter = wire::Roster{log, devices}.hash()};
  return {.id = EntryId::random(random), .commitsSeen = 0, .body = std::move(commit)};
}

Bytes noiseEnvelope(const LogId& log, const wire::Terms& terms, std::size_t size) {
  bool isCommit = terms.commit() != nullptr;
  mls::PrivateMessage message{.groupId = toBytes(log.view()),
                              .epoch = {terms.commitsSeen},
                              .contentType = isCommit ? mls::ContentType::commit : mls::ContentType::application,
                              .authenticatedData = encode(terms),
                              .encryptedSenderData = Bytes(kSealedSenderDataSize, kNoise),
                              .ciphertext = Bytes(size, kNoise)};
  return encode(wire::Envelope{mls::MLSMessage{.version = {}, .message = {std::move(message)}}});
}

}  // namespace qpq::bench
