#include "quic/rpc.h"

#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>
#include <malloc.h>

#include <algorithm>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ping_test.capnp.h"
#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

class PingServer final: public Ping::Server {
 public:
  explicit PingServer(std::vector<uint64_t>* heard = nullptr): heard_(heard) {}

  kj::Promise<void> ping(PingContext context) override {
    auto question = context.getParams();
    if (heard_ != nullptr) heard_->push_back(question.getN());
    auto answer = context.getResults();
    answer.setN(question.getN() + 1);
    answer.setPayload(question.getPayload());
    return kj::READY_NOW;
  }
  kj::Promise<void> fail(FailContext context) override { KJ_FAIL_REQUIRE("inside", context.getParams().getText()); }
  kj::Promise<void> never(NeverContext) override { return kj::NEVER_DONE; }
  kj::Promise<void> deep(DeepContext context) override {
    uint32_t depth = 0;
    auto tree = context.getParams().getTree();
    while (tree.hasChild()) {
      tree = tree.getChild();
      ++depth;
    }
    context.getResults().setDepth(depth);
    return kj::READY_NOW;
  }
  kj::Promise<void> session(SessionContext context) override {
    context.getResults().setSession(kj::heap<PingServer>());
    return kj::READY_NOW;
  }
  kj::Promise<void> tell(TellContext context) override {
    auto to = context.getParams().getTo();
    kj::Maybe<PingResults::Pipeline> told;
    for (uint32_t n = 1; n < context.getParams().getTimes(); ++n) {
      auto request = to.pingRequest();
      request.setN(n);
      told = request.sendForPipeline();
      co_await kj::evalLast([]() {});
    }
    auto last = to.pingRequest();
    last.setN(context.getParams().getTimes());
    co_await last.send();
  }

 private:
  std::vector<uint64_t>* heard_;
};

// A server that speaks RPC, and a client that has its bootstrap.
struct Service {
  explicit Service(World& world, RpcServer::Options options = {})
      : server(world),
        client(world),
        rpc(
            world.time.timer(),
            [this](Connection& connection) {
              if (knowsClients) *connection.known() = true;
              return kj::heap<PingServer>();
            },
            kj::mv(options)) {
    server.endpoint.listen(serverIdentity(),
                           [this](kj::Own<Connection> connection) { rpc.accept(kj::mv(connection)); });
  }
  kj::Own<Connection> connect(World& world) {
    auto connected = world.wait(client.connect(server));
    REQUIRE(connected.has_value());
    return kj::mv(*connected);
  }
  kj::Own<RpcClient> start(World& world) { return world.wait(RpcClient::start(connect(world))); }

  Host server;
  Host client;
  bool knowsClients = false;
  RpcServer rpc;
};

uint64_t ping(World& world, Ping::Client target, uint64_t n, std::size_t size = 100) {
  auto request = target.pingRequest();
  request.setN(n);
  request.initPayload(static_cast<unsigned>(size));
  auto answer = world.wait(request.send().then([size](auto&& response) {
    KJ_REQUIRE(response.getPayload().size() == size);
    return response.getN();
  }));
  return answer;
}

TEST_CASE("a call over the control stream is answered") {
  World world;
  Service service(world);
  auto client = service.start(world);
  CHECK(ping(world, client->bootstrap().castAs<Ping>(), 41) == 42);
  CHECK(service.rpc.sessions() == 1);
}

TEST_CASE("calls on a capability that is still on its way cost no further round trip") {
  World world;
  Service service(world);
  auto client = service.start(world);
  auto before = world.time.timer().now();
  auto inner = client->bootstrap().castAs<Ping>().sessionRequest().send().getSession();
  auto innermost = inner.sessionRequest().send().getSession();
  CHECK(ping(world, innermost, 1) == 2);
  CHECK(world.time.timer().now() - before < 30 * kj::MILLISECONDS);  // one takes 20
}

TEST_CASE("RPC runs over any stream, so a test needs no network for it") {
  World world;
  auto pipe = kj::newTwoWayPipe();
  RpcChannel server(kj::mv(pipe.ends[0]), kj::heap<PingServer>(), RpcLimits{});
  RpcChannel client(kj::mv(pipe.ends[1]), RpcLimits{});
  CHECK(ping(world, client.bootstrap().castAs<Ping>(), 1) == 2);
}

TEST_CASE("a thousand calls at once are answered through a bad network") {
  World world(3);
  Service service(world);
  auto client = service.start(world);
  world.network.setWeather({.lossPerMille = 50, .duplicatePerMille = 50, .reorderPerMille = 200});
  auto target = client->bootstrap().castAs<Ping>();
  uint64_t sum = 0;
  kj::Vector<kj::Promise<void>> calls;
  for (uint64_t i = 0; i < 1000; ++i) {
    auto request = target.pingRequest();
    request.setN(i);
    request.initPayload(50);
    calls.add(request.send().then([&sum](auto&& answer) { sum += answer.getN(); }));
  }
  world.wait(kj::joinPromises(calls.releaseAsArray()));
  CHECK(sum == 500'500);
}

TEST_CASE("the largest message passes and one a little larger ends the connection of its sender only") {
  World world;
  Service service(world);
  auto good = service.start(world);
  constexpr std::size_t kLimit = 128 * 1024 * 8;
  // A well-behaved end does not even send what it would not accept itself.
  auto bad = world.wait(RpcClient::start(service.connect(world), {.messageWordsMax = kLimit}));
  CHECK(ping(world, good->bootstrap().castAs<Ping>(), 1, kLimit - 1024) == 2);
  auto request = bad->bootstrap().castAs<Ping>().pingRequest();
  request.initPayload(static_cast<unsigned>(kLimit + 1024));
  CHECK_FALSE(thrownBy(world, request.send().ignoreResult()).empty());
  CHECK(world.wait(bad->connection().whenClosed()).kind == CloseReason::Kind::application);
  CHECK(ping(world, good->bootstrap().castAs<Ping>(), 1) == 2);
}

// What a client may write on its control stream if it does not speak RPC at all.
bool survives(World& world, Service& service, ByteView bytes) {
  auto connection = service.connect(world);
  auto stream = world.wait(connection->openStream());
  auto before = mallinfo2();
  auto writing = stream->write(bytes.data(), bytes.size()).eagerlyEvaluate([](kj::Exception&&) {});
  world.pass(1 * kj::SECONDS);
  auto after = mallinfo2();
  bool bounded = after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + (4u << 20);
  auto client = service.start(world);
  return bounded && ping(world, client->bootstrap().castAs<Ping>(), 1) == 2;
}

TEST_CASE("a message that claims to be huge is refused before memory is found for it") {
  World world;
  Service service(world);
  SECTION("one segment of 16 GiB") { CHECK(survives(world, service, *fromHex("00000000ffffff7f"))); }
  SECTION("one segment just above the limit") { CHECK(survives(world, service, *fromHex("0000000001000200"))); }
  SECTION("four thousand million segments") { CHECK(survives(world, service, *fromHex("ffffffff00000000"))); }
  SECTION("512 segments of 4 GiB each") {
    Bytes table = *fromHex("ff010000");
    for (int i = 0; i < 513; ++i) table.insert(table.end(), {0xff, 0xff, 0xff, 0x1f});
    CHECK(survives(world, service, table));
  }
  SECTION("noise") {
    Bytes noise(100'000);
    world.random.fill(noise);
    CHECK(survives(world, service, noise));
  }
}

TEST_CASE("structures within structures are read to their limit and no deeper") {
  World world;
  Service service(world);
  auto client = service.start(world);
  auto deep = [&](unsigned depth) {
    auto request = client->bootstrap().castAs<Ping>().deepRequest();
    auto tree = request.initTree();
    for (unsigned i = 0; i < depth; ++i) tree = tree.initChild();
    return request.send().then([](auto&& answer) { return answer.getDepth(); });
  };
  // What a call is wrapped in counts, too.
  unsigned deepest = 20;
  while (deepest < 100 && thrownBy(world, deep(deepest + 1).ignoreResult()).empty()) ++deepest;
  CHECK(deepest < static_cast<unsigned>(RpcLimits().nestingMax));
  CHECK(world.wait(deep(deepest)) == deepest);
  for (unsigned above : {deepest + 1, 100U, 10'000U}) {
    CHECK(thrownBy(world, deep(above).ignoreResult()).contains("failed"));
  }
  CHECK(world.wait(deep(20)) == 20);
}

TEST_CASE("the peer learns the type of an exception and not what it says") {
  World world;
  std::string hidden;
  RpcServer::Options options;
  options.hidden.emplace([&hidden](kj::StringPtr text) { hidden += text.cStr(); });
  Service service(world, kj::mv(options));
  auto client = service.start(world);
  auto request = client->bootstrap().castAs<Ping>().failRequest();
  request.setText("the database is at /var/lib/qpq");
  auto told = thrownBy(world, request.send().ignoreResult());
  CHECK(told == "remote exception: failed");
  CHECK(hidden.contains("/var/lib/qpq"));
}

TEST_CASE("a client with too many unfinished calls is cut off, one at the limit is not") {
  World world;
  RpcServer::Options options;
  options.limits.openCallsMax = 20;
  Service service(world, kj::mv(options));
  auto client = service.start(world);
  auto target = client->bootstrap().castAs<Ping>();
  kj::Vector<kj::Promise<void>> calls;
  CHECK(ping(world, target, 1) == 2);
  for (int i = 0; i < 18; ++i) calls.add(target.neverRequest().send().ignoreResult().eagerlyEvaluate([](auto&&) {}));
  for (uint64_t i = 0; i < 100; ++i) CHECK(ping(world, target, i) == i + 1);
  CHECK_FALSE(client->connection().closeReason().has_value());
  for (int i = 0; i < 10; ++i) calls.add(target.neverRequest().send().ignoreResult().eagerlyEvaluate([](auto&&) {}));
  CHECK(world.wait(client->connection().whenClosed()).kind == CloseReason::Kind::application);
}

TEST_CASE("parameters of calls in progress are bounded: the stream is no longer read") {
  World world;
  RpcServer::Options options;
  options.limits.inFlightWordsMax = 32 * 1024;
  Service service(world, kj::mv(options));
  auto client = service.start(world);
  auto target = client->bootstrap().castAs<Ping>();
  kj::Vector<kj::Promise<void>> calls;
  auto before = world.network.sent(service.client.address(), service.server.address()).bytes;
  for (int i = 0; i < 100; ++i) {
    auto request = target.neverRequest();
    request.initPayload(64 * 1024);
    calls.add(request.send().ignoreResult().eagerlyEvaluate([](auto&&) {}));
  }
  world.pass(10 * kj::SECONDS);
  auto crossed = world.network.sent(service.client.address(), service.server.address()).bytes - before;
  CHECK(crossed < 256 * 1024 + Limits{}.streamWindowMax);
  CHECK_FALSE(client->connection().closeReason().has_value());
  auto other = service.start(world);
  CHECK(ping(world, other->bootstrap().castAs<Ping>(), 1) == 2);
}

// A bootstrap and, on what it will answer, so many pings with a payload; as a client writes them.
Bytes pingsAsBytes(int count, std::size_t payloadSize) {
  Bytes bytes;
  auto append = [&bytes](capnp::MallocMessageBuilder& message) {
    auto words = capnp::messageToFlatArray(message);
    auto flat = words.asBytes();
    bytes.insert(bytes.end(), flat.begin(), flat.end());
  };
  capnp::MallocMessageBuilder first;
  first.initRoot<capnp::rpc::Message>().initBootstrap().setQuestionId(0);
  append(first);
  for (int i = 1; i <= count; ++i) {
    capnp::MallocMessageBuilder message;
    auto call = message.initRoot<capnp::rpc::Message>().initCall();
    call.setQuestionId(static_cast<uint32_t>(i));
    call.initTarget().initPromisedAnswer().setQuestionId(0);
    call.setInterfaceId(capnp::typeId<Ping>());
    auto params = call.initParams().initContent().initAs<Ping::PingParams>();
    params.initPayload(static_cast<unsigned>(payloadSize));
    append(message);
  }
  return bytes;
}

TEST_CASE("a client that sends much at once has its turn, and then the others have theirs") {
  World world;
  RpcLimits limits;
  limits.unsentBytesMax = 1 << 30;
  std::vector<uint64_t> heard;
  LoopRound round(world.time.timer());
  auto serve = [&](kj::Own<kj::AsyncIoStream> stream) {
    return kj::heap<RpcChannel>(kj::mv(stream), kj::heap<PingServer>(&heard), limits, round);
  };
  auto greedy = kj::newTwoWayPipe(), modest = kj::newTwoWayPipe();
  auto greedyServer = serve(kj::mv(greedy.ends[0])), modestServer = serve(kj::mv(modest.ends[0]));
  RpcChannel client(kj::mv(modest.ends[1]), RpcLimits());
  auto target = client.bootstrap().castAs<Ping>();
  constexpr uint64_t kModest = 99;
  ping(world, target, 1);
  heard.clear();

  Bytes pings = pingsAsBytes(1'000, 100);
  auto writing = greedy.ends[1]->write(pings.data(), pings.size()).eagerlyEvaluate(nullptr);
  ping(world, target, kModest);
  CHECK(std::ranges::find(heard, kModest) - heard.begin() < 200);
  world.wait(kj::mv(writing));
  world.pass(1 * kj::SECONDS);
  CHECK(heard.size() == 1'001);
}

TEST_CASE("answers that are not read are bounded: the stream is no longer read") {
  World world;
  RpcServer::Options options;
  options.limits.unsentBytesMax = 256 * 1024;
  Service service(world, kj::mv(options));
  Bytes pings = pingsAsBytes(8'000, 1024);
  auto sent = [&]() { return world.network.sent(service.client.address(), service.server.address()).bytes; };
  auto before = sent();
  auto connection = service.connect(world);
  auto stream = world.wait(connection->openStream());
  auto writing = stream->write(pings.data(), pings.size()).eagerlyEvaluate([](kj::Exception&&) {});
  world.pass(10 * kj::SECONDS);
  // Answers are about as large as calls: what is queued, what is being written and what each end holds for its reader.
  CHECK(sent() - before < 2 * 256 * 1024 + 3 * Limits{}.streamWindowMax);
  CHECK_FALSE(connection->closeReason().has_value());
  auto other = service.start(world);
  CHECK(ping(world, other->bootstrap().castAs<Ping>(), 1) == 2);

  // Who reads on is served on.
  auto reading = [&]() -> kj::Promise<void> {
    kj::byte buffer[16 * 1024];
    while (co_await stream->tryRead(buffer, 1, sizeof buffer) > 0) {}
  };
  auto read = reading().eagerlyEvaluate([](kj::Exception&&) {});
  world.pass(60 * kj::SECONDS);
  CHECK(sent() - before > pings.size());
}

TEST_CASE("small answers that are not read are bounded by the memory they take, not by what they say") {
  World world;
  Service service(world);
  Bytes pings = pingsAsBytes(100'000, 1);
  auto connection = service.connect(world);
  auto stream = world.wait(connection->openStream());
  auto before = mallinfo2();
  auto writing = stream->write(pings.data(), pings.size()).eagerlyEvaluate([](kj::Exception&&) {});
  world.pass(10 * kj::SECONDS);
  auto after = mallinfo2();
  // What is queued, what is being written, and both ends' buffers.
  CHECK(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + (8U << 20));
  CHECK_FALSE(connection->closeReason().has_value());
}

TEST_CASE("where room is short, whoever is not known goes first, then who reads least, and nobody else") {
  World world;
  Service service(world);
  auto older = service.start(world);
  ping(world, older->bootstrap().castAs<Ping>(), 1);
  auto younger = service.start(world);
  ping(world, younger->bootstrap().castAs<Ping>(), 1);
  service.knowsClients = true;
  auto reader = service.start(world);
  ping(world, reader->bootstrap().castAs<Ping>(), 1);
  auto sleeper = service.connect(world);
  auto stream = world.wait(sleeper->openStream());
  Bytes pings = pingsAsBytes(8'000, 1024);
  auto writing = stream->write(pings.data(), pings.size()).eagerlyEvaluate([](kj::Exception&&) {});
  world.pass(5 * kj::SECONDS);
  auto closed = [&](Connection& connection) {
    world.pass(1 * kj::SECONDS);
    CloseReason noRoom{CloseReason::Kind::application, CloseReason::By::peer, static_cast<uint64_t>(RpcClose::noRoom)};
    return connection.closeReason() == noRoom;
  };
  auto& old = older->connection();
  world.wait(service.rpc.shed(1, 100'000));
  CHECK(closed(old));
  CHECK_FALSE(closed(younger->connection()));
  world.wait(service.rpc.shed(200'000, 100'000));  // one who is not known is not enough
  CHECK(closed(younger->connection()));
  CHECK(closed(*sleeper));
  world.wait(service.rpc.shed(SIZE_MAX, 100'000));
  CHECK(ping(world, reader->bootstrap().castAs<Ping>(), 1) == 2);
}

TEST_CASE("where room is short, a crowd is sent away a few at a time, and the others are served in between") {
  constexpr std::size_t kCrowd = 64;
  World world;
  Service service(world);
  std::vector<kj::Own<RpcClient>> crowd;
  for (std::size_t i = 0; i < kCrowd; ++i) {
    crowd.push_back(service.start(world));
    ping(world, crowd.back()->bootstrap().castAs<Ping>(), 1);
  }
  auto shedding = service.rpc.shed(SIZE_MAX, 1).eagerlyEvaluate(nullptr);
  std::size_t rounds = 0;
  for (; !shedding.poll(world.scope) && rounds < kCrowd; ++rounds) world.pass(0 * kj::SECONDS);
  CHECK(rounds >= 4);
  world.pass(1 * kj::SECONDS);
  CHECK(service.rpc.sessions() == 0);

  crowd.clear();
  for (std::size_t i = 0; i < kCrowd; ++i) crowd.push_back(service.start(world));
  for (auto& client : crowd) ping(world, client->bootstrap().castAs<Ping>(), 1);
  static_cast<void>(service.rpc.shed(SIZE_MAX, 1));  // dropped
  world.pass(1 * kj::SECONDS);
  CHECK(service.rpc.sessions() > kCrowd / 2);
}

TEST_CASE("where room is short, what a transfer holds for its reader counts as unread") {
  World world;
  RpcServer::Options options;
  kj::Own<Stream> serving;
  options.otherStream = [&](Connection&, kj::Own<Stream> stream) { serving = kj::mv(stream); };
  Service service(world, kj::mv(options));
  service.knowsClients = true;
  auto reader = service.start(world);
  ping(world, reader->bootstrap().castAs<Ping>(), 1);
  auto fetcher = service.start(world);
  ping(world, fetcher->bootstrap().castAs<Ping>(), 1);
  auto stream = world.wait(fetcher->connection().openStream());
  world.wait(stream->write("!", 1));
  world.pass(1 * kj::SECONDS);
  REQUIRE(serving.get() != nullptr);
  Bytes much(16 << 20), read(12 << 20);
  auto writing = serving->write(much.data(), much.size()).eagerlyEvaluate([](kj::Exception&&) {});
  world.wait(stream->read(read.data(), read.size()));  // until the window is large
  service.client.link.setDeaf(true);
  world.pass(1 * kj::SECONDS);
  CHECK(service.rpc.sessions() == 2);
  world.wait(service.rpc.shed(1, 100'000));
  world.pass(1 * kj::SECONDS);
  CHECK(service.rpc.sessions() == 1);
  service.client.link.setDeaf(false);
  CHECK(ping(world, reader->bootstrap().castAs<Ping>(), 1) == 2);
}

TEST_CASE("calls without an answer are bounded: the stream is no longer read") {
  World world;
  RpcServer::Options options;
  options.limits.unansweredCallsMax = 8;
  Service service(world, kj::mv(options));
  auto client = service.start(world);
  auto target = client->bootstrap().castAs<Ping>();
  CHECK(ping(world, target, 1) == 2);
  kj::Vector<kj::Promise<void>> calls;
  for (int i = 0; i < 8; ++i) calls.add(target.neverRequest().send().ignoreResult().eagerlyEvaluate([](auto&&) {}));
  auto request = target.pingRequest();
  request.setN(1);
  auto waiting = request.send().ignoreResult();
  world.pass(10 * kj::SECONDS);
  CHECK_FALSE(waiting.poll(world.scope));
  CHECK_FALSE(client->connection().closeReason().has_value());
  auto other = service.start(world);
  CHECK(ping(world, other->bootstrap().castAs<Ping>(), 1) == 2);
}

TEST_CASE("a server may tell its client any number of things that are not answered, each once and in order") {
  World world;
  RpcServer::Options options;
  Service service(world, kj::mv(options));
  auto client = service.start(world);
  std::vector<uint64_t> heard;
  auto request = client->bootstrap().castAs<Ping>().tellRequest();
  request.setTo(kj::heap<PingServer>(&heard));
  auto times = static_cast<uint32_t>(3 * RpcLimits().openCallsMax);
  request.setTimes(times);
  world.wait(request.send().ignoreResult());
  std::vector<uint64_t> all(times);
  std::iota(all.begin(), all.end(), 1);
  CHECK(heard == all);
  CHECK_FALSE(client->connection().closeReason().has_value());
}

TEST_CASE("a client that wants no answers has none of its calls counted as answered") {
  World world;
  Service service(world);
  auto client = service.start(world);
  auto target = client->bootstrap().castAs<Ping>();
  kj::Vector<Ping::PingResults::Pipeline> told;
  for (std::size_t i = 0; i < RpcLimits().unansweredCallsMax; ++i) told.add(target.pingRequest().sendForPipeline());
  bool answered = false;
  auto asked = target.pingRequest().send().then([&](auto&&) { answered = true; }).eagerlyEvaluate(nullptr);
  world.pass(10 * kj::SECONDS);
  CHECK_FALSE(answered);
}

TEST_CASE("a client that opens no control stream is closed by name after ten seconds") {
  World world;
  Service service(world);
  auto connection = service.connect(world);
  CHECK(world.wait(connection->whenClosed()) == CloseReason{CloseReason::Kind::application, CloseReason::By::peer,
                                                            static_cast<uint64_t>(RpcClose::noControlStream)});
  CHECK(service.rpc.sessions() == 0);
}

TEST_CASE("a session ends with its client, and a client's calls with the server") {
  World world;
  Service service(world);
  auto client = service.start(world);
  auto target = client->bootstrap().castAs<Ping>();
  CHECK(ping(world, target, 1) == 2);
  auto other = service.start(world);
  auto waiting = other->bootstrap().castAs<Ping>().neverRequest().send().ignoreResult();
  CHECK_FALSE(waiting.poll(world.scope));
  world.pass(1 * kj::SECONDS);
  CHECK(service.rpc.sessions() == 2);
  client = nullptr;
  world.pass(1 * kj::SECONDS);
  CHECK(service.rpc.sessions() == 1);

  auto closing = service.server.endpoint.close(5);
  world.wait(kj::mv(closing));
  CHECK(world.wait(waiting.then(
      []() { return false; },
      [](kj::Exception&& exception) { return exception.getType() == kj::Exception::Type::DISCONNECTED; })));
  CHECK(service.rpc.sessions() == 0);
}

TEST_CASE("other streams go to their handler, also before the control stream's first call, or are refused") {
  World world;
  bool handled = GENERATE(true, false);
  std::string heard;
  kj::Promise<void> reading = kj::READY_NOW;
  RpcServer::Options options;
  if (handled) {
    options.otherStream.emplace([&](Connection&, kj::Own<Stream> stream) {
      auto& borrowed = *stream;
      reading = borrowed.readAllText()
                    .then([&heard](kj::String text) { heard = text.cStr(); })
                    .attach(kj::mv(stream))
                    .eagerlyEvaluate(nullptr);
    });
  }
  Service service(world, kj::mv(options));
  auto client = service.start(world);
  auto bulk = world.wait(client->connection().openStream());
  CHECK(bulk->id() == 4);
  writeText(world, *bulk, "bulk");
  bulk->shutdownWrite();
  world.pass(1 * kj::SECONDS);
  CHECK(heard == (handled ? "bulk" : ""));
  CHECK(ping(world, client->bootstrap().castAs<Ping>(), 1) == 2);
  if (!handled) CHECK(thrownBy(world, bulk->readAllText().ignoreResult()).contains("reset by the peer"));
}

TEST_CASE("RPC survives a NAT that forgets it between calls") {
  World world;
  Service service(world);
  auto client = service.start(world);
  auto target = client->bootstrap().castAs<Ping>();
  for (uint64_t i = 0; i < 10; ++i) {
    CHECK(ping(world, target, i, 5000) == i + 1);
    service.client.link.rebind();
    world.pass(20 * kj::SECONDS);
  }
}

}  // namespace
}  // namespace qpq::quic::test
