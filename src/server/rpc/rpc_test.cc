#include <kj/async-io.h>

#include <catch2/catch_test_macros.hpp>

#include "opaque/client.h"
#include "quic/rpc.h"
#include "server/rpc/convert.h"
#include "server/rpc/node.h"
#include "server/world_test.h"
#include "wire/people/resume.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;
using rpc::bytesOf;
using rpc::dataOf;

namespace {

// One client's connection: RPC with the product's limits over an in-memory pipe.
struct Link {
  Link(TestWorld& world, uint8_t number)
      : world(world),
        exporter{number},
        pipe(kj::newTwoWayPipe()),
        server(kj::mv(pipe.ends[0]), makeNode(world.services(), {exporter, "192.0.2.7"}), quic::RpcLimits()),
        client(kj::mv(pipe.ends[1]), quic::RpcLimits()),
        node(client.bootstrap().castAs<schema::Node>()) {}

  template <class Request>
  auto call(Request request) {
    return request.send().wait(world.waitScope);
  }

  schema::Session::Client resume(const TestDevice& device) {
    auto response = call(resumeRequest(device));
    REQUIRE(response.getOutcome().isSession());
    return response.getOutcome().getSession();
  }
  capnp::Request<schema::Node::ResumeParams, schema::Node::ResumeResults> resumeRequest(const TestDevice& device) {
    wire::ResumeTBS tbs{exporter, world.keys().incarnation(), device.account, device.id};
    auto signature = wire::sign(device.key, tbs).signature;
    auto request = node.resumeRequest();
    request.setAccount(dataOf(device.account.view()));
    request.setDevice(dataOf(device.id.view()));
    request.setSignature(dataOf(signature));
    return request;
  }
  schema::Logs::Client logs(const TestDevice& device) { return call(resume(device).logsRequest()).getLogs(); }

  TestWorld& world;
  const ByteArray<32> exporter;
  kj::TwoWayPipe pipe;
  quic::RpcChannel server;
  quic::RpcChannel client;
  schema::Node::Client node;
};

class HearingSink final: public schema::Sink::Server {
 public:
  struct Heard {
    std::vector<uint64_t> seqs;
    std::vector<uint64_t> changes;
    std::vector<Bytes> lists;
    std::vector<uint64_t> closings;
  };
  explicit HearingSink(Heard& heard): heard_(heard) {}
  kj::Promise<void> entries(EntriesContext context) override {
    for (auto entry : context.getParams().getPage().getEntries()) heard_.seqs.push_back(entry.getSeq());
    return kj::READY_NOW;
  }
  kj::Promise<void> indexChanged(IndexChangedContext context) override {
    heard_.changes.push_back(context.getParams().getChange());
    return kj::READY_NOW;
  }
  kj::Promise<void> devicesChanged(DevicesChangedContext context) override {
    heard_.lists.push_back(bytesOf(context.getParams().getList()));
    return kj::READY_NOW;
  }
  kj::Promise<void> closing(ClosingContext context) override {
    heard_.closings.push_back(context.getParams().getAfterMs());
    return kj::READY_NOW;
  }

 private:
  Heard& heard_;
};

template <class Request>
kj::Exception::Type failure(TestWorld& world, Request request) {
  auto exception = kj::runCatchingExceptions([&]() { request.send().wait(world.waitScope); });
  KJ_IF_MAYBE (e, exception) {
    return e->getType();
  }
  FAIL("the call did not fail");
  return kj::Exception::Type::FAILED;
}

auto createRequest(schema::Logs::Client& logs, const LogId& log) {
  auto request = logs.createRequest();
  request.setLog(dataOf(log.view()));
  return request;
}

auto appendRequest(schema::Logs::Client& logs, const LogId& log, const Bytes& envelope) {
  auto request = logs.appendRequest();
  request.setLog(dataOf(log.view()));
  request.setEnvelope(dataOf(envelope));
  return request;
}

}  // namespace

TEST_CASE("a server says who it is and answers a ping with at most a kilobyte of it") {
  TestWorld world;
  Link link(world, 1);
  auto response = link.call(link.node.serverInfoRequest());
  auto info = decode<wire::ServerInfo>(rpc::viewOf(response.getInfo()));
  REQUIRE(info);
  CHECK(wire::VerifiedServerInfo::check(*info));
  auto ping = [&](std::size_t size) {
    auto request = link.node.pingRequest();
    Bytes payload(size, 3);
    request.setPayload(dataOf(payload));
    return link.call(kj::mv(request)).getPayload().size();
  };
  CHECK(ping(0) == 0);
  CHECK(ping(kPingSizeMax) == kPingSizeMax);
  CHECK(ping(kPingSizeMax + 1) == kPingSizeMax);
}

TEST_CASE("register, log in, open the vault, enrol a device: a whole first day over RPC") {
  TestWorld world;
  Link link(world, 1);
  TestPerson alice = world.stranger("alice");
  auto registration = world.registrationOf(alice);
  auto request = link.node.registerFinishRequest();
  auto in = request.initRegistration();
  in.setName("alice");
  in.setAccount(dataOf(registration.account));
  in.setRecord(dataOf(registration.record.expose()));
  rpc::setCost(in.initCost(), registration.cost);
  in.setVault(dataOf(registration.vault));
  in.setDeviceList(dataOf(registration.deviceList));
  in.setCertificate(dataOf(registration.certificate));
  CHECK(link.call(kj::mv(request)).getOutcome().isRegistered());

  auto client = opaque::ClientLogin::start(SecretBytes(asBytes("correct horse")), world.random);
  Bytes ke1 = encode(client->ke1());
  auto start = link.node.loginStartRequest();
  start.setName("Alice");
  start.setKe1(dataOf(ke1));
  auto started = link.call(kj::mv(start));
  REQUIRE(started.getOutcome().isChallenge());
  auto challenge = started.getOutcome().getChallenge();
  auto ksf = opaque::Argon2id::make(rpc::cost(challenge.getCost()), {crypto::kArgon2CostTest});
  auto loggedIn = client->finish(*decode<opaque::Ke2>(rpc::viewOf(challenge.getKe2())), *ksf);
  REQUIRE(loggedIn);
  Bytes ke3 = encode(loggedIn->ke3);
  auto finish = challenge.getLogin().finishRequest();
  finish.setKe3(dataOf(ke3));
  auto finished = link.call(kj::mv(finish));
  REQUIRE(finished.getOutcome().isAccount());
  CHECK(bytesOf(finished.getOutcome().getAccount().getId()) == toBytes(alice.account.view()));
  auto enrolment = finished.getOutcome().getAccount().getEnrolment();

  auto vault = decode<wire::Vault>(rpc::viewOf(link.call(enrolment.vaultRequest()).getVault()));
  auto seed = wire::openSeed(wire::VaultKey::fromExportKey(loggedIn->exportKey.expose()), vault->byPassword);
  REQUIRE(seed);
  CHECK(crypto::Ed25519Key(*seed).publicKey() == alice.key.publicKey());

  TestDevice phone = world.makeDevice(alice, 2);
  Bytes next = encode(world.nextList(alice, &phone, {}));
  Bytes certificate = encode(phone.certificate);
  auto enrol = enrolment.enrolRequest();
  enrol.setCertificate(dataOf(certificate));
  enrol.setList(dataOf(next));
  CHECK(link.call(kj::mv(enrol)).getOutcome().isAccepted());
  CHECK(bytesOf(link.call(enrolment.devicesRequest()).getList()) == next);
  link.resume(phone);

  // The login is spent.
  auto again = challenge.getLogin().finishRequest();
  again.setKe3(dataOf(ke3));
  CHECK(link.call(kj::mv(again)).getOutcome().isDenied());
}

TEST_CASE("a signature for one connection opens no other") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  Link own(world, 1);
  Link other(world, 2);
  auto stolen = own.resumeRequest(alice.device());
  auto replayed = other.node.resumeRequest();
  replayed.setAccount(stolen.asReader().getAccount());
  replayed.setDevice(stolen.asReader().getDevice());
  replayed.setSignature(stolen.asReader().getSignature());
  CHECK(other.call(kj::mv(replayed)).getOutcome().isDenied());
  CHECK(own.call(kj::mv(stolen)).getOutcome().isSession());
  CHECK(own.call(own.node.resumeRequest()).getOutcome().isDenied());  // nothing in it
}

TEST_CASE("two people talk: create, append, follow, read, acknowledge") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  Link aliceLink(world, 1);
  Link bobLink(world, 2);
  auto aliceLogs = aliceLink.logs(alice.device());
  auto bobLogs = bobLink.logs(bob.device());

  HearingSink::Heard heard;
  auto follow = bobLogs.followRequest();
  follow.setSink(kj::heap<HearingSink>(heard));
  auto following = bobLink.call(kj::mv(follow)).getFollowing();

  LogId log = logId(1);
  CHECK(aliceLink.call(createRequest(aliceLogs, log)).getOutcome().isCreated());
  CHECK(bobLink.call(createRequest(bobLogs, log)).getOutcome().isTaken());
  CommitSpec both{.added = {alice.device().entry(), bob.device().entry()}};
  auto commit = appendRequest(aliceLogs, log, commitTo({log, {}}, entryId(1), 0, both));
  Bytes welcome(50, 8);
  commit.setWelcome(dataOf(welcome));
  auto receipt = decode<wire::Receipt>(rpc::viewOf(aliceLink.call(kj::mv(commit)).getOutcome().getReceipt()));
  CHECK(receipt->leaf.seq == 1);
  world.settle();
  CHECK(heard.changes == std::vector<uint64_t>{1});

  auto index = bobLogs.indexRequest();
  auto indexed = bobLink.call(kj::mv(index));
  REQUIRE(indexed.getEntries().size() == 1);
  CHECK(bytesOf(indexed.getEntries()[0].getLog()) == toBytes(log.view()));
  CHECK(indexed.getEntries()[0].getHasRights());

  auto add = following.addRequest();
  auto places = add.initPlaces(1);
  places[0].setLog(dataOf(log.view()));
  bobLink.call(kj::mv(add));
  CHECK(aliceLink.call(appendRequest(aliceLogs, log, messageTo(log, entryId(2), 1))).getOutcome().isReceipt());
  world.settle();
  CHECK(heard.seqs == std::vector<uint64_t>{1, 2});

  auto read = bobLogs.readRequest();
  read.setLog(dataOf(log.view()));
  read.setEntriesMax(10);
  read.setBytesMax(100'000);
  auto page = bobLink.call(kj::mv(read));
  REQUIRE(page.getOutcome().isPage());
  auto entries = page.getOutcome().getPage().getEntries();
  REQUIRE(entries.size() == 2);
  CHECK(bytesOf(entries[0].getWelcome()) == welcome);
  auto welcomeHash = crypto::sha256(welcome);
  CHECK(bytesOf(entries[0].getWelcomeHash()) == toBytes(welcomeHash));
  CHECK(entries[1].getWelcomeHash().size() == 0);

  auto conflict = bobLink.call(appendRequest(bobLogs, log, messageTo(log, entryId(3), 0)));
  CHECK(conflict.getOutcome().getConflict().getCommits() == 1);
  CHECK(conflict.getOutcome().getConflict().getSeq() == 2);

  for (auto* logs : {&aliceLogs, &bobLogs}) {
    auto acknowledge = logs->acknowledgeRequest();
    auto acknowledged = acknowledge.initPlaces(1);
    acknowledged[0].setLog(dataOf(log.view()));
    acknowledged[0].setSeq(2);
    acknowledge.send().wait(world.waitScope);
  }
  world.move(kAcknowledgeDelayMs);
  auto gone = bobLogs.readRequest();
  gone.setLog(dataOf(log.view()));
  CHECK(bobLink.call(kj::mv(gone)).getOutcome().isPruned());
  auto head = bobLogs.headRequest();
  head.setLog(dataOf(log.view()));
  CHECK(bobLink.call(kj::mv(head)).getOutcome().isHead());
}

TEST_CASE("a direct log, people, key packages and the vault over RPC") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  Link link(world, 1);
  auto session = link.resume(alice.device());

  auto directory = link.call(session.directoryRequest()).getDirectory();
  auto lookup = directory.lookupRequest();
  lookup.setName("BOB");
  auto found = link.call(kj::mv(lookup));
  REQUIRE(found.getOutcome().isFound());
  CHECK(found.getOutcome().getFound().getName() == "bob");
  CHECK(bytesOf(found.getOutcome().getFound().getDevices()) == encode(bob.list));
  auto account = directory.accountRequest();
  Bytes tooShort(3);
  account.setAccount(dataOf(tooShort));
  CHECK(link.call(kj::mv(account)).getOutcome().isMalformed());

  auto logs = link.call(session.logsRequest()).getLogs();
  auto open = logs.openDirectRequest();
  open.setAccount(dataOf(bob.account.view()));
  CHECK(link.call(kj::mv(open)).getOutcome().getLog().size() == 16);

  Link bobLink(world, 2);
  auto bobSession = bobLink.resume(bob.device());
  auto shelf = bobLink.call(bobSession.keyPackagesRequest()).getKeyPackages();
  Bytes package = keyPackageOf(bob.device(), world.clock.now(), 1);
  auto publish = shelf.publishRequest();
  publish.initPackages(1).set(0, dataOf(package));
  CHECK(bobLink.call(kj::mv(publish)).getOutcome().getAccepted() == 1);
  CHECK(bobLink.call(shelf.countRequest()).getPackages() == 1);

  auto keyPackages = link.call(session.keyPackagesRequest()).getKeyPackages();
  auto take = keyPackages.takeRequest();
  RequestId request = RequestId::random(world.random);
  take.setRequest(dataOf(request.view()));
  take.setAccount(dataOf(bob.account.view()));
  auto taken = link.call(kj::mv(take));
  REQUIRE(taken.getOutcome().isPackages());
  auto devices = taken.getOutcome().getPackages().getDevices();
  REQUIRE(devices.size() == 1);
  CHECK(bytesOf(devices[0].getPackage()) == package);
  CHECK(link.call(keyPackages.takeRequest()).getOutcome().isMalformed());

  auto vault = link.call(session.vaultRequest()).getVault();
  CHECK(link.call(vault.readRequest()).getVault().size() > 0);
  CHECK(link.call(vault.replaceRequest()).getOutcome().isMalformed());
  CHECK(failure(world, vault.changeStartRequest()) == kj::Exception::Type::FAILED);
}

TEST_CASE("a revoked device holds capabilities that no longer work, and hears why when it comes back") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  world.enrol(alice);
  Link link(world, 1);
  const TestDevice& phone = alice.device(1);
  auto session = link.resume(phone);
  auto logs = link.call(session.logsRequest()).getLogs();
  CHECK(link.call(createRequest(logs, logId(1))).getOutcome().isCreated());

  Link laptop(world, 2);
  auto devices = laptop.call(laptop.resume(alice.device(0)).devicesRequest()).getDevices();
  wire::DeviceList next = world.nextList(alice, nullptr, phone.id);
  Bytes list = encode(next);
  auto update = devices.updateRequest();
  update.setList(dataOf(list));
  CHECK(laptop.call(kj::mv(update)).getOutcome().isAccepted());
  CHECK(failure(world, createRequest(logs, logId(2))) == kj::Exception::Type::DISCONNECTED);
  CHECK(failure(world, session.directoryRequest()) == kj::Exception::Type::DISCONNECTED);
  auto back = link.call(link.resumeRequest(phone));
  REQUIRE(back.getOutcome().isRevoked());
  CHECK(bytesOf(back.getOutcome().getRevoked()) == list);
}

TEST_CASE("ids of the wrong size are malformed, and too many places or followers are refused") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  Link link(world, 1);
  auto logs = link.logs(alice.device());
  CHECK(link.call(logs.createRequest()).getOutcome().isMalformed());
  CHECK(link.call(logs.appendRequest()).getOutcome().isMalformed());
  CHECK(link.call(logs.readRequest()).getOutcome().isMalformed());
  CHECK(link.call(logs.headRequest()).getOutcome().isMalformed());
  CHECK(link.call(logs.openDirectRequest()).getOutcome().isMalformed());

  auto acknowledge = logs.acknowledgeRequest();
  acknowledge.initPlaces(uint32_t{kPlacesMax} + 1);
  CHECK(failure(world, kj::mv(acknowledge)) == kj::Exception::Type::FAILED);

  HearingSink::Heard heard;
  std::vector<schema::Following::Client> followings;
  auto follow = [&] {
    auto request = logs.followRequest();
    request.setSink(kj::heap<HearingSink>(heard));
    return request;
  };
  for (std::size_t i = 0; i < kFollowersPerSessionMax; ++i) followings.push_back(link.call(follow()).getFollowing());
  CHECK(failure(world, follow()) == kj::Exception::Type::FAILED);
  followings.pop_back();
  world.settle();
  CHECK_NOTHROW(link.call(follow()));
}

TEST_CASE("a connection that goes takes its sessions and followers with it") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  HearingSink::Heard heard;
  {
    Link link(world, 1);
    auto logs = link.logs(alice.device());
    auto request = logs.followRequest();
    request.setSink(kj::heap<HearingSink>(heard));
    auto following = link.call(kj::mv(request)).getFollowing();
    CHECK(world.services().sessions.count() == 1);
    CHECK(world.services().followers.count() == 1);
  }
  world.settle();
  CHECK(world.services().sessions.count() == 0);
  CHECK(world.services().followers.count() == 0);
}

TEST_CASE("blobs are announced, named and dropped by calls, with an outcome for each case") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  Link link(world, 1);
  auto blobs = link.call(link.resume(alice.device()).blobsRequest()).getBlobs();
  Bytes bytes(1'000, 3);
  crypto::Hash32 hash = crypto::sha256(bytes);
  auto put = [&](ByteView name, uint64_t length) {
    auto request = blobs.putRequest();
    request.setHash(dataOf(name));
    request.setLength(length);
    return link.call(kj::mv(request));
  };
  auto get = [&](ByteView name, uint64_t offset) {
    auto request = blobs.getRequest();
    request.setHash(dataOf(name));
    request.setOffset(offset);
    return link.call(kj::mv(request));
  };
  auto drop = [&](ByteView name) {
    auto request = blobs.dropRequest();
    request.setHash(dataOf(name));
    return link.call(kj::mv(request));
  };
  CHECK(put(asBytes("short"), 9).getOutcome().isMalformed());
  CHECK(get(asBytes("short"), 0).getOutcome().isMalformed());
  CHECK(drop(asBytes("short")).getOutcome().isMalformed());
  CHECK(put(hash, UINT64_MAX).getOutcome().isTooLarge());
  CHECK(get(hash, 0).getOutcome().isNotFound());
  CHECK(drop(hash).getOutcome().isNotFound());

  auto begun = put(hash, bytes.size());
  REQUIRE(begun.getOutcome().isStream());
  CHECK(begun.getOutcome().getStream().getOffset() == 0);
  auto pipe = kj::newTwoWayPipe();
  world.services().bulk.accept(link.exporter, kj::mv(pipe.ends[0]));
  Bytes all = concat({rpc::viewOf(begun.getOutcome().getStream().getTicket()), bytes});
  pipe.ends[1]->write(all.data(), all.size()).wait(world.waitScope);
  pipe.ends[1]->shutdownWrite();
  uint8_t verdict = 0;
  pipe.ends[1]->read(&verdict, 1).wait(world.waitScope);
  CHECK(verdict == 1);

  CHECK(put(hash, bytes.size()).getOutcome().isStored());
  CHECK(get(hash, 0).getOutcome().getStream().getLength() == bytes.size());
  CHECK(get(hash, 1'001).getOutcome().isMalformed());
  auto usage = link.call(blobs.usageRequest());
  CHECK(usage.getFiles() == 1);
  CHECK(usage.getBytes() == bytes.size());
  CHECK(usage.getLimit() == 50 * 1024 * 1024);
  crypto::Hash32 other = crypto::sha256(asBytes("other"));
  auto full = put(other, usage.getLimit());
  REQUIRE(full.getOutcome().isQuota());
  CHECK(full.getOutcome().getQuota().getUsed() == bytes.size());
  CHECK(drop(hash).getOutcome().isDropped());
  CHECK(link.call(blobs.usageRequest()).getFiles() == 0);
}

TEST_CASE("over RPC a code of the wrong size is malformed, and each refusal of a code has a word") {
  TestWorld world({.policy = {crypto::kArgon2CostTest, Registration::invite}});
  Link link(world, 1);
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), world.random);
  Bytes first = encode(client->request());
  Bytes account(16);
  auto start = [&](ByteView code) {
    auto request = link.node.registerStartRequest();
    request.setName("alice");
    request.setAccount(dataOf(account));
    request.setRequest(dataOf(first));
    request.setInvite(dataOf(code));
    return link.call(kj::mv(request));
  };
  auto made = world.ask(world.services().invites.make({1, 1}));
  const auto& code = as<wire::InviteCode>(made);
  CHECK(start({}).getOutcome().getInvite() == schema::InviteRefusal::NEEDED);
  CHECK(start(Bytes(wire::kInviteCodeSize)).getOutcome().getInvite() == schema::InviteRefusal::UNKNOWN);
  for (std::size_t size : {1U, 19U, 21U, 65'536U}) CHECK(start(Bytes(size)).getOutcome().isMalformed());
  CHECK(start(code.expose()).getOutcome().isResponse());
  world.move(kDayMs);
  CHECK(start(code.expose()).getOutcome().getInvite() == schema::InviteRefusal::EXPIRED);

  auto finish = link.node.registerFinishRequest();
  auto in = finish.initRegistration();
  in.setAccount(dataOf(account));
  CHECK(link.call(kj::mv(finish)).getOutcome().getInvite() == schema::InviteRefusal::NEEDED);
}

TEST_CASE("over RPC a password that is changed too often is told when to come back") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  Link link(world, 1);
  auto vault = link.call(link.resume(alice.device()).vaultRequest()).getVault();
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), world.random);
  Bytes first = encode(client->request());
  auto start = [&]() {
    auto request = vault.changeStartRequest();
    request.setRequest(dataOf(first));
    return link.call(kj::mv(request));
  };
  for (uint32_t i = 0; i < kVaultStepsPerAccount.burst; ++i) CHECK(start().getRate() == 0);
  auto refused = start();
  CHECK(refused.getRate() == kVaultStepsPerAccount.refillMs);
  CHECK(refused.getResponse().size() == 0);
}

TEST_CASE("however many pages one account asks for, another's waits behind one of them") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());
  Link greedy(world, 1), again(world, 2), other(world, 3);
  auto hers = greedy.logs(alice.device()), hersAgain = again.logs(alice.device()), his = other.logs(bob.device());
  std::size_t answered = 0;
  std::optional<std::size_t> answeredBefore;
  std::vector<kj::Promise<void>> reading;
  auto read = [&](schema::Logs::Client& logs, auto done) {
    auto request = logs.readRequest();
    request.setLog(dataOf(log.id().view()));
    request.setEntriesMax(1);
    reading.push_back(request.send()
                          .then([done](auto response) {
                            CHECK(response.getOutcome().isPage());
                            done();
                          })
                          .eagerlyEvaluate(nullptr));
  };
  for (int i = 0; i < 15; ++i) {
    read(hers, [&]() { ++answered; });
    read(hersAgain, [&]() { ++answered; });
  }
  read(his, [&]() { answeredBefore = answered; });
  for (auto& one : reading) one.wait(world.waitScope);
  CHECK(answered == 30);
  CHECK(answeredBefore < 3);
}
