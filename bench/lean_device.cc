#include "lean_device.h"

#include <kj/debug.h>

#include "opaque/client.h"
#include "schema/data.h"
#include "wire/logs/roster.h"
#include "wire/people/device_list.h"
#include "wire/people/resume.h"
#include "wire/people/server_info.h"
#include "wire/people/vault.h"

namespace qpq::bench {

namespace {

using schema::bytesOf;
using schema::dataOf;

constexpr std::size_t kRecoveryKeySize = 20;

crypto::Argon2Cost costOf(schema::KsfCost::Reader cost) {
  return {cost.getMemoryKib(), cost.getPasses(), cost.getLanes()};
}

// What a bench gets from its own server is right, or the bench is over.
template <class Result>
auto must(Result result) {
  KJ_REQUIRE(result.has_value(), "the server's answer makes no sense");
  return *std::move(result);
}

}  // namespace

LeanDevice::LeanDevice(ClientLoop& clients, kj::Own<quic::RpcClient> connection, std::string name)
    : clients_(clients),
      connection_(kj::mv(connection)),
      name_(std::move(name)),
      account_(AccountId::random(clients.random)),
      accountKey_(clients.random.secret<32>()),
      deviceKey_(clients.random.secret<32>()),
      device_{account_, DeviceId::random(clients.random)},
      log_(LogId::random(clients.random)) {}

kj::Promise<kj::Own<LeanDevice>> LeanDevice::join(ClientLoop& clients, const quic::SocketAddress& server, uint16_t host,
                                                  std::string name) {
  auto connection = co_await clients.connect(server, host);
  auto device = kj::heap<LeanDevice>(clients, kj::mv(connection), std::move(name));
  co_await device->enrol();
  co_await device->signIn();
  co_await device->beginLog();
  co_return kj::mv(device);
}

// OPAQUE registration (RFC 9807 §5) and the account's papers.
kj::Promise<void> LeanDevice::enrol() {
  auto node = nodeOf(*connection_);
  auto registration =
      must(opaque::ClientRegistration::start(SecretBytes(asBytes("password of " + name_)), clients_.random));
  auto start = node.registerStartRequest();
  Bytes blinded = encode(registration.request());
  start.setName(name_);
  start.setAccount(dataOf(account_.view()));
  start.setRequest(dataOf(blinded));
  auto started = co_await start.send();
  KJ_REQUIRE(started.getOutcome().isResponse(), "nobody registers here", name_.c_str());
  crypto::Argon2Cost cost = costOf(started.getOutcome().getCost());
  auto ksf = must(opaque::Argon2id::make(cost, {.costMin = crypto::kArgon2CostTest}));
  auto response = must(decode<opaque::RegistrationResponse>(bytesOf(started.getOutcome().getResponse())));
  auto registered = must(registration.finish(response, ksf, clients_.random));

  auto passwordKey = wire::VaultKey::fromExportKey(registered.exportKey.expose());
  auto recoveryKey = must(wire::VaultKey::fromRecoveryKey(clients_.random.bytes<kRecoveryKeySize>()));
  Secret<32> seed = accountKey_.seed();
  wire::Vault vault{.byPassword = wire::sealSeed(passwordKey, account_, 1, seed, clients_.random),
                    .byRecovery = wire::sealSeed(recoveryKey, account_, 1, seed, clients_.random)};
  auto certificate = wire::sign(accountKey_, wire::CertificateTBS{.account = account_,
                                                                  .accountKey = accountKey_.publicKey(),
                                                                  .device = device_.device,
                                                                  .deviceKey = deviceKey_.publicKey(),
                                                                  .listVersion = 1});
  wire::ListedDevice listed{device_.device, deviceKey_.publicKey(), wire::DeviceState::active,
                            clients_.clock.now().unixMs};
  auto list = wire::sign(
      accountKey_,
      wire::DeviceListTBS{
          .account = account_, .accountKey = accountKey_.publicKey(), .listVersion = 1, .devices = {listed}});
  SecretBytes record = encodeSecret(registered.record);
  Bytes vaultBytes = encode(vault), listBytes = encode(list), certificateBytes = encode(certificate);
  auto finish = node.registerFinishRequest();
  auto out = finish.initRegistration();
  out.setName(name_);
  out.setAccount(dataOf(account_.view()));
  out.setRecord(dataOf(record.expose()));
  out.setCost(started.getOutcome().getCost());
  out.setVault(dataOf(vaultBytes));
  out.setDeviceList(dataOf(listBytes));
  out.setCertificate(dataOf(certificateBytes));
  auto finished = co_await finish.send();
  KJ_REQUIRE(finished.getOutcome().isRegistered(), "the registration was refused", name_.c_str());
}

kj::Promise<void> LeanDevice::signIn() {
  auto node = nodeOf(*connection_);
  auto told = co_await node.serverInfoRequest().send();
  auto info = must(decode<wire::ServerInfo>(bytesOf(told.getInfo())));
  auto proof = wire::sign(deviceKey_, wire::ResumeTBS{connection_->connection().exporter(), info.tbs.incarnation,
                                                      account_, device_.device});
  auto request = node.resumeRequest();
  request.setAccount(dataOf(account_.view()));
  request.setDevice(dataOf(device_.device.view()));
  request.setSignature(dataOf(proof.signature));
  auto response = co_await request.send();
  KJ_REQUIRE(response.getOutcome().isSession(), "the device was not let in", name_.c_str());
  auto logs = co_await response.getOutcome().getSession().logsRequest().send();
  logs_ = logs.getLogs();
}

// The first commit of a group log adds its own committer, and needs no Welcome for it.
kj::Promise<void> LeanDevice::beginLog() {
  auto create = KJ_ASSERT_NONNULL(logs_).createRequest();
  create.setLog(dataOf(log_.view()));
  auto created = co_await create.send();
  KJ_REQUIRE(created.getOutcome().isCreated(), "the log was refused");
  wire::CommitTerms commit{.added = {device_}, .rosterAfter = wire::Roster{log_, {device_}}.hash()};
  wire::Terms terms{.id = EntryId::random(clients_.random), .commitsSeen = 0, .body = std::move(commit)};
  co_await send(envelopeOf(std::move(terms), mls::ContentType::commit, 256));
}

kj::Promise<void> LeanDevice::append(std::size_t size) {
  wire::Terms terms{.id = EntryId::random(clients_.random), .commitsSeen = 1, .body = wire::MessageTerms()};
  return send(envelopeOf(std::move(terms), mls::ContentType::application, size));
}

kj::Promise<void> LeanDevice::send(Bytes envelope) {
  auto request = KJ_ASSERT_NONNULL(logs_).appendRequest();
  request.setLog(dataOf(log_.view()));
  request.setEnvelope(dataOf(envelope));
  auto response = co_await request.send();
  KJ_REQUIRE(response.getOutcome().isReceipt(), "an append was refused", response.getOutcome().which());
}

Bytes LeanDevice::envelopeOf(wire::Terms terms, mls::ContentType type, std::size_t size) const {
  constexpr std::size_t kSealedSenderData = 28;
  constexpr uint8_t kNoise = 0x5a;
  mls::PrivateMessage message{.groupId = toBytes(log_.view()),
                              .epoch = {terms.commitsSeen},
                              .contentType = type,
                              .authenticatedData = encode(terms),
                              .encryptedSenderData = Bytes(kSealedSenderData, kNoise),
                              .ciphertext = Bytes(size, kNoise)};
  return encode(wire::Envelope{mls::MLSMessage{.version = {}, .message = {std::move(message)}}});
}

}  // namespace qpq::bench
