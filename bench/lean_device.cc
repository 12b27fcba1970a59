#include "lean_device.h"

#include "must.h"
#include "opaque/client.h"
#include "schema/data.h"
#include "wire/people/resume.h"
#include "wire/people/server_info.h"

namespace qpq::bench {

namespace {

using schema::bytesOf;
using schema::dataOf;

constexpr std::size_t kFoundingSize = 256;

crypto::Argon2Cost costOf(schema::KsfCost::Reader cost) {
  return {cost.getMemoryKib(), cost.getPasses(), cost.getLanes()};
}

}  // namespace

// Where the server pushes to. It lives as long as the server holds it, which may be longer than the device.
class LeanDevice::Pushed final: public schema::Sink::Server {
 public:
  explicit Pushed(LeanDevice& device): device_(device) { device.sink_ = *this; }
  ~Pushed() noexcept(false) {
    KJ_IF_MAYBE (device, device_) device->sink_ = nullptr;
  }
  void forget() { device_ = nullptr; }

  kj::Promise<void> entries(EntriesContext context) override {
    auto entries = context.getParams().getPage().getEntries();
    KJ_IF_MAYBE (device, device_) {
      if (entries.size() > 0) device->took(entries[entries.size() - 1].getSeq());
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> indexChanged(IndexChangedContext) override { return kj::READY_NOW; }
  kj::Promise<void> devicesChanged(DevicesChangedContext) override { return kj::READY_NOW; }
  kj::Promise<void> closing(ClosingContext) override { return kj::READY_NOW; }

 private:
  kj::Maybe<LeanDevice&> device_;
};

LeanDevice::LeanDevice(ClientLoop& clients, kj::Own<quic::RpcClient> connection, const Identity& identity,
                       const LogId& log)
    : clients_(clients), connection_(kj::mv(connection)), identity_(identity), log_(log) {}

LeanDevice::~LeanDevice() noexcept(false) {
  KJ_IF_MAYBE (sink, sink_) sink->forget();
}

kj::Promise<kj::Own<LeanDevice>> LeanDevice::join(ClientLoop& clients, const quic::SocketAddress& server, uint16_t host,
                                                  const Identity& identity) {
  auto connection = co_await clients.connect(server, host);
  auto device = kj::heap<LeanDevice>(clients, kj::mv(connection), identity, LogId::random(clients.random));
  co_await device->enrol();
  co_await device->signIn();
  co_await device->beginLog();
  co_return kj::mv(device);
}

kj::Promise<kj::Own<LeanDevice>> LeanDevice::resume(ClientLoop& clients, const quic::SocketAddress& server,
                                                    uint16_t host, const Identity& identity, const LogId& log) {
  auto connection = co_await clients.connect(server, host);
  auto device = kj::heap<LeanDevice>(clients, kj::mv(connection), identity, log);
  co_await device->signIn();
  co_return kj::mv(device);
}

// OPAQUE registration (RFC 9807 §5) and the account's papers.
kj::Promise<void> LeanDevice::enrol() {
  const auto& name = identity_.name;
  const AccountId& account = identity_.entry.account;
  auto node = nodeOf(*connection_);
  auto registration =
      must(opaque::ClientRegistration::start(SecretBytes(asBytes(identity_.password())), clients_.random));
  auto start = node.registerStartRequest();
  Bytes blinded = encode(registration.request());
  start.setName(name);
  start.setAccount(dataOf(account.view()));
  start.setRequest(dataOf(blinded));
  auto started = co_await start.send();
  KJ_REQUIRE(started.getOutcome().isResponse(), "nobody registers here", name.c_str());
  crypto::Argon2Cost cost = costOf(started.getOutcome().getCost());
  auto ksf = must(opaque::Argon2id::make(cost, {.costMin = crypto::kArgon2CostTest}));
  auto response = must(decode<opaque::RegistrationResponse>(bytesOf(started.getOutcome().getResponse())));
  auto registered = must(registration.finish(response, ksf, clients_.random));

  auto passwordKey = wire::VaultKey::fromExportKey(registered.exportKey.expose());
  Papers papers = papersOf(identity_, passwordKey, clients_.clock.now(), clients_.random);
  SecretBytes record = encodeSecret(registered.record);
  Bytes vault = encode(papers.vault), list = encode(papers.list), certificate = encode(papers.certificate);
  auto finish = node.registerFinishRequest();
  auto out = finish.initRegistration();
  out.setName(name);
  out.setAccount(dataOf(account.view()));
  out.setRecord(dataOf(record.expose()));
  out.setCost(started.getOutcome().getCost());
  out.setVault(dataOf(vault));
  out.setDeviceList(dataOf(list));
  out.setCertificate(dataOf(certificate));
  auto finished = co_await finish.send();
  KJ_REQUIRE(finished.getOutcome().isRegistered(), "the registration was refused", name.c_str());
}

kj::Promise<void> LeanDevice::signIn() {
  const auto& [account, device] = identity_.entry;
  auto node = nodeOf(*connection_);
  auto told = co_await node.serverInfoRequest().send();
  auto info = must(decode<wire::ServerInfo>(bytesOf(told.getInfo())));
  auto proof = wire::sign(identity_.deviceKey,
                          wire::ResumeTBS{connection_->connection().exporter(), info.tbs.incarnation, account, device});
  auto request = node.resumeRequest();
  request.setAccount(dataOf(account.view()));
  request.setDevice(dataOf(device.view()));
  request.setSignature(dataOf(proof.signature));
  auto response = co_await request.send();
  KJ_REQUIRE(response.getOutcome().isSession(), "the device was not let in", identity_.name.c_str());
  auto session = response.getOutcome().getSession();
  auto logs = co_await session.logsRequest().send();
  session_ = session;
  logs_ = logs.getLogs();
}

// The first commit of a group log adds its own committer, and needs no Welcome for it.
kj::Promise<void> LeanDevice::beginLog() {
  auto create = logs().createRequest();
  create.setLog(dataOf(log_.view()));
  auto created = co_await create.send();
  KJ_REQUIRE(created.getOutcome().isCreated(), "the log was refused");
  wire::Terms terms = foundingTerms(log_, {identity_.entry}, clients_.random);
  co_await send(noiseEnvelope(log_, terms, kFoundingSize));
}

kj::Promise<void> LeanDevice::append(std::size_t size) {
  wire::Terms terms{.id = EntryId::random(clients_.random), .commitsSeen = 1, .body = wire::MessageTerms()};
  return send(noiseEnvelope(log_, terms, size));
}

kj::Promise<void> LeanDevice::send(Bytes envelope) {
  auto request = logs().appendRequest();
  request.setLog(dataOf(log_.view()));
  request.setEnvelope(dataOf(envelope));
  auto response = co_await request.send();
  KJ_REQUIRE(response.getOutcome().isReceipt(), "an append was refused", response.getOutcome().which());
}

kj::Promise<void> LeanDevice::follow(uint64_t after) {
  auto request = logs().followRequest();
  auto place = request.initPlaces(1)[0];
  place.setLog(dataOf(log_.view()));
  place.setSeq(after);
  request.setSink(kj::heap<Pushed>(*this));
  auto response = co_await request.send();
  following_ = response.getFollowing();
}

kj::Promise<void> LeanDevice::reached(uint64_t seq) {
  if (pushedUpTo_ >= seq) return kj::READY_NOW;
  awaited_ = seq;
  auto paired = kj::newPromiseAndFulfiller<void>();
  arrived_ = kj::mv(paired.fulfiller);
  return kj::mv(paired.promise);
}

void LeanDevice::took(uint64_t seq) {
  ++pushes_;
  pushedUpTo_ = seq;
  if (seq < awaited_) return;
  KJ_IF_MAYBE (arrived, arrived_) {
    (*arrived)->fulfill();
    arrived_ = nullptr;
  }
}

}  // namespace qpq::bench
