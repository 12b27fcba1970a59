#include "quic/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

// Bytes that betray a shift, a loss or a repetition.
Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>((i * 31 + i / 257) & 0xff);
  return bytes;
}

struct Open {
  Open(World& world, Pair& pair): near(world.wait(pair.near->openStream())) {
    near->write("!", 1).wait(world.scope);
    far = world.wait(pair.far->acceptStream());
    char mark;
    world.wait(far->read(&mark, 1));
  }
  kj::Own<Stream> near;
  kj::Own<Stream> far;
};

kj::Promise<Bytes> readBytes(kj::AsyncInputStream& stream) {
  auto all = co_await stream.readAllBytes();
  co_return Bytes(all.begin(), all.end());
}

kj::Promise<void> writeUntilItFails(World& world, kj::AsyncOutputStream& stream) {
  for (int i = 0; i < 10; ++i) {
    co_await stream.write("x", 1);
    co_await world.time.timer().afterDelay(1 * kj::SECONDS);
  }
}

bool arrives(World& world, Pair& pair, const Bytes& sent) {
  auto near = world.wait(pair.near->openStream());
  auto writing =
      near->write(sent.data(), sent.size()).then([&near]() { near->shutdownWrite(); }).eagerlyEvaluate(nullptr);
  auto far = world.wait(pair.far->acceptStream());
  auto received = world.wait(readBytes(*far));
  world.wait(kj::mv(writing));
  return received == sent;
}

TEST_CASE("three mebibytes pass through a window of one, in both directions") {
  World world;
  Limits limits;
  limits.streamWindow = limits.streamWindowMax = limits.connectionWindow = limits.connectionWindowMax = kMiB;
  Pair pair(world, limits);
  Bytes sent = pattern(3 * kMiB);
  CHECK(arrives(world, pair, sent));

  auto back = world.wait(pair.near->openStream());
  writeText(world, *back, "?");
  auto far = world.wait(pair.far->acceptStream());
  auto writing = far->write(sent.data(), sent.size()).then([&far]() { far->shutdownWrite(); }).eagerlyEvaluate(nullptr);
  CHECK(world.wait(readBytes(*back)) == sent);
}

TEST_CASE("streams survive a network that loses, repeats and reorders") {
  struct Case {
    const char* name;
    Weather weather;
  };
  auto weather =
      GENERATE(Case{"one in twenty lost", {.lossPerMille = 50}}, Case{"one in five lost", {.lossPerMille = 200}},
               Case{"half reordered, a fifth twice", {.duplicatePerMille = 200, .reorderPerMille = 500}},
               Case{"everything", {.lossPerMille = 100, .duplicatePerMille = 100, .reorderPerMille = 300}});
  auto seed = GENERATE(range<uint64_t>(1, 4));
  INFO(weather.name << ", seed " << seed);
  World world(seed);
  Host server(world);
  Host client(world);
  server.listen();
  world.network.setWeather(weather.weather);
  auto connected = world.wait(client.connect(server));
  REQUIRE(connected.has_value());
  Bytes sent = pattern(200'000);
  auto near = world.wait((*connected)->openStream());
  auto writing =
      near->write(sent.data(), sent.size()).then([&near]() { near->shutdownWrite(); }).eagerlyEvaluate(nullptr);
  world.pass(5 * kj::SECONDS);
  REQUIRE(server.accepted.size() == 1);
  auto far = world.wait(server.accepted[0]->acceptStream());
  CHECK(world.wait(readBytes(*far)) == sent);
  writeText(world, *far, "thanks");
  far->shutdownWrite();
  CHECK(readAll(world, *near) == "thanks");
}

TEST_CASE("a reader that does not read holds the writer, and what waits is bounded on both sides") {
  World world;
  Limits limits;
  limits.streamWindow = limits.streamWindowMax = 64 * 1024;
  limits.sendRetainedMax = 32 * 1024;
  Pair pair(world, limits);
  Open open(world, pair);
  Bytes sent = pattern(kMiB);
  bool written = false;
  auto writing =
      open.near->write(sent.data(), sent.size()).then([&written]() { written = true; }).eagerlyEvaluate(nullptr);
  world.pass(20 * kj::SECONDS);
  CHECK_FALSE(written);
  auto crossed = world.network.sent(pair.client.address(), pair.server.address()).bytes;
  CHECK(crossed < 100'000);

  Bytes received(sent.size());
  world.wait(open.far->read(received.data(), received.size()));
  CHECK(received == sent);
  world.wait(kj::mv(writing));
  CHECK(written);
}

TEST_CASE("a stalled stream does not hold up its neighbour") {
  World world;
  Limits limits;
  limits.streamWindow = limits.streamWindowMax = 16 * 1024;
  Pair pair(world, limits);
  Open stalled(world, pair);
  Bytes much = pattern(kMiB);
  auto writing = stalled.near->write(much.data(), much.size()).eagerlyEvaluate(nullptr);
  world.pass(1 * kj::SECONDS);
  Bytes little = pattern(100'000);
  CHECK(arrives(world, pair, little));
}

TEST_CASE("a client may open as many streams as allowed, and the next as soon as one has ended") {
  World world;
  Limits limits;
  limits.streamsMax = 2;
  Pair pair(world, limits);
  auto first = kj::heap<Open>(world, pair);
  Open second(world, pair);
  CHECK(first->near->id() == 0);
  CHECK(second.near->id() == 4);
  kj::Own<Stream> third;
  auto opening =
      pair.near->openStream().then([&third](kj::Own<Stream> s) { third = kj::mv(s); }).eagerlyEvaluate(nullptr);
  world.pass(5 * kj::SECONDS);
  CHECK(third.get() == nullptr);
  first = nullptr;
  world.pass(5 * kj::SECONDS);
  REQUIRE(third.get() != nullptr);
  CHECK(third->id() == 8);
}

TEST_CASE("a hundred streams one after another are no problem for a limit of two") {
  World world;
  Limits limits;
  limits.streamsMax = 2;
  Pair pair(world, limits);
  for (int i = 0; i < 100; ++i) {
    auto near = world.wait(pair.near->openStream());
    writeText(world, *near, "ping");
    near->shutdownWrite();
    auto far = world.wait(pair.far->acceptStream());
    REQUIRE(readAll(world, *far) == "ping");
    far->shutdownWrite();
    REQUIRE(readAll(world, *near).empty());
  }
}

TEST_CASE("a stream dropped half-way is a failure to its reader, never an early end") {
  World world;
  Pair pair(world);
  Open open(world, pair);
  writeText(world, *open.near, "half of it");
  world.pass(1 * kj::SECONDS);
  open.near = nullptr;
  CHECK(thrownBy(world, readBytes(*open.far).ignoreResult()).contains("reset by the peer"));
  CHECK(thrownBy(world, writeUntilItFails(world, *open.far)).contains("no longer takes"));
}

TEST_CASE("streams opened and taken back do not pile up at a program that does not look") {
  World world;
  Limits limits;
  limits.streamsMax = 4;
  Pair pair(world, limits);
  for (int i = 0; i < 50; ++i) {
    auto near = world.wait(pair.near->openStream());
    writeText(world, *near, "x");
  }
  world.pass(1 * kj::SECONDS);
  auto last = world.wait(pair.near->openStream());
  writeText(world, *last, "x");
  CHECK(world.wait(pair.far->acceptStream())->id() == last->id());
}

TEST_CASE("a stream dropped after shutdownWrite still delivers all of it") {
  World world;
  Pair pair(world);
  auto near = world.wait(pair.near->openStream());
  Bytes sent = pattern(200'000);
  world.wait(near->write(sent.data(), sent.size()));
  near->shutdownWrite();
  near = nullptr;
  auto far = world.wait(pair.far->acceptStream());
  CHECK(world.wait(readBytes(*far)) == sent);
}

TEST_CASE("a reader that gives up ends the other side's writing, also of a writer that waits, and nothing else") {
  auto waiting = GENERATE(false, true);
  World world;
  Limits limits;
  limits.streamWindow = limits.streamWindowMax = 16 * 1024;
  limits.sendRetainedMax = 16 * 1024;
  Pair pair(world, limits);
  Open open(world, pair);
  bool told = false;
  auto watching = open.near->whenWriteDisconnected().then([&told]() { told = true; }).eagerlyEvaluate(nullptr);
  Bytes much = pattern(kMiB);
  kj::Promise<void> writing = kj::READY_NOW;
  if (waiting) {
    writing = open.near->write(much.data(), much.size()).eagerlyEvaluate(nullptr);
    world.pass(2 * kj::SECONDS);
  }
  open.far->abortRead();
  world.pass(1 * kj::SECONDS);
  if (!waiting) writing = writeUntilItFails(world, *open.near);
  CHECK(thrownBy(world, kj::mv(writing)).contains("no longer takes"));
  CHECK(told);
  writeText(world, *open.far, "still here");
  open.far->shutdownWrite();
  CHECK(readAll(world, *open.near) == "still here");
}

TEST_CASE("what is thrown away unread does not use up the connection's window") {
  World world;
  Limits limits;
  limits.streamWindow = limits.streamWindowMax = 32 * 1024;
  limits.connectionWindow = limits.connectionWindowMax = 64 * 1024;
  Pair pair(world, limits);
  Bytes sent = pattern(30'000);
  for (int i = 0; i < 20; ++i) {
    Open open(world, pair);
    world.wait(open.near->write(sent.data(), sent.size()));
    world.pass(1 * kj::SECONDS);
  }
  CHECK(arrives(world, pair, pattern(100'000)));
}

TEST_CASE("a cancelled read forgets its buffer, and the bytes go to the next") {
  World world;
  Pair pair(world);
  Open open(world, pair);
  auto buffer = std::make_unique<std::array<char, 16>>();
  {
    auto reading = open.far->tryRead(buffer->data(), 1, buffer->size());
    CHECK_FALSE(reading.poll(world.scope));
  }
  buffer.reset();
  writeText(world, *open.near, "late");
  world.pass(1 * kj::SECONDS);
  std::array<char, 4> text;
  world.wait(open.far->read(text.data(), text.size()));
  CHECK(std::string_view(text.data(), text.size()) == "late");
}

TEST_CASE("a cancelled write forgets its bytes") {
  World world;
  Limits limits;
  limits.streamWindow = limits.streamWindowMax = 16 * 1024;
  limits.sendRetainedMax = 16 * 1024;
  Pair pair(world, limits);
  Open open(world, pair);
  {
    auto sent = std::make_unique<Bytes>(pattern(kMiB));
    auto writing = open.near->write(sent->data(), sent->size());
    CHECK_FALSE(writing.poll(world.scope));
  }
  auto writing = open.near->write("next", 4).then([&open]() { open.near->shutdownWrite(); }).eagerlyEvaluate(nullptr);
  Bytes received = world.wait(readBytes(*open.far));
  REQUIRE(received.size() <= limits.sendRetainedMax + 4);
  CHECK(asText(ByteView(received).last(4)) == "next");
  received.resize(received.size() - 4);
  CHECK(received == pattern(received.size()));
}

TEST_CASE("reads and writes of odd sizes keep the bytes in order") {
  World world(5);
  Pair pair(world);
  Open open(world, pair);
  Bytes sent = pattern(50'000);
  auto writing = [](Stream& stream, const Bytes& bytes, SeededRandom& random) -> kj::Promise<void> {
    std::size_t at = 0;
    while (at < bytes.size()) {
      auto size = std::min<std::size_t>(1 + random.below(3000), bytes.size() - at);
      auto half = size / 2;
      kj::ArrayPtr<const kj::byte> pieces[] = {{bytes.data() + at, half}, {bytes.data() + at + half, size - half}};
      co_await stream.write(kj::arrayPtr(pieces, 2));
      at += size;
    }
    stream.shutdownWrite();
  }(*open.near, sent, world.random);
  Bytes received;
  for (;;) {
    Bytes buffer(1 + world.random.below(5000));
    auto size = world.wait(open.far->tryRead(buffer.data(), 1 + world.random.below(buffer.size()), buffer.size()));
    if (size == 0) break;
    received.insert(received.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  }
  CHECK(received == sent);
}

TEST_CASE("Cap'n Proto is told how much a stream takes in, and nothing else about sockets") {
  World world;
  Pair pair(world);
  Open open(world, pair);
  int size = 0;
  kj::uint length = sizeof size;
  open.near->getsockopt(SOL_SOCKET, SO_SNDBUF, &size, &length);
  CHECK(static_cast<std::size_t>(size) == Limits{}.sendRetainedMax);
  CHECK_THROWS_AS(open.near->getsockopt(SOL_SOCKET, SO_RCVBUF, &size, &length), kj::Exception);
}

TEST_CASE("bulk hands over little ahead of the network, and the control stream goes before what it has waiting") {
  World world;
  Pair pair(world);
  Open control(world, pair);
  Open bulk(world, pair);
  int size = 0;
  kj::uint length = sizeof size;
  bulk.near->getsockopt(SOL_SOCKET, SO_SNDBUF, &size, &length);
  CHECK(static_cast<std::size_t>(size) == Limits{}.bulkWindowMin);

  Bytes much = pattern(kMiB);
  auto writing = bulk.near->write(much.data(), much.size()).eagerlyEvaluate(nullptr);
  auto before = world.network.sent(pair.client.address(), pair.server.address()).bytes;
  control.near->write("!", 1).wait(world.scope);
  char mark;
  world.wait(control.far->read(&mark, 1));
  auto crossed = world.network.sent(pair.client.address(), pair.server.address()).bytes - before;
  CHECK(crossed <= Limits{}.bulkWindowMin + 8 * 1024);
  Bytes received(much.size());
  world.wait(bulk.far->read(received.data(), received.size()));
  CHECK(received == much);
}

double secondsFor(World& world, const std::function<void()>& work) {
  auto begun = world.time.timer().now();
  work();
  return static_cast<double>((world.time.timer().now() - begun) / kj::MICROSECONDS) / 1e6;
}

void carry(World& world, Open& stream, const Bytes& bytes) {
  auto writing = stream.near->write(bytes.data(), bytes.size()).eagerlyEvaluate(nullptr);
  Bytes received(bytes.size());
  world.wait(stream.far->read(received.data(), received.size()));
  CHECK(received == bytes);
}

TEST_CASE("bulk fills a long path: more is under way where nothing stands in its queues") {
  World world;
  world.network.setWeather({.delay = 20 * kj::MILLISECONDS});
  Pair pair(world);
  Open control(world, pair);
  Open bulk(world, pair);
  Bytes much = pattern(16 * kMiB);
  // 64 KiB in each round trip of 40 ms would take ten seconds, 1 MiB takes 0.64.
  CHECK(secondsFor(world, [&]() { carry(world, bulk, much); }) < 2);
}

TEST_CASE("bulk fills a line without filling its queue: a message beside it is not late") {
  struct Line {
    uint64_t bytesPerSecond;
    double lateSecondsMax;  // one way of 20 ms and what may stand before it
  };
  // What leaves together is half of the least window: 26 ms on the slow line.
  auto line = GENERATE(Line{.bytesPerSecond = 1'250'000, .lateSecondsMax = 0.052},
                       Line{.bytesPerSecond = 5'000'000, .lateSecondsMax = 0.035});
  World world;
  world.network.setWeather({.delay = 20 * kj::MILLISECONDS, .bytesPerSecond = line.bytesPerSecond});
  Pair pair(world);
  Open control(world, pair);
  Open bulk(world, pair);
  Bytes much = pattern(10 * line.bytesPerSecond);
  auto carrying = [](Open& stream, const Bytes& bytes) -> kj::Promise<void> {
    Bytes received(bytes.size());
    auto writing = stream.near->write(bytes.data(), bytes.size());
    co_await stream.far->read(received.data(), received.size());
    CHECK(received == bytes);
    co_await writing;
  }(bulk, much)
                                                              .eagerlyEvaluate(nullptr);
  world.pass(2 * kj::SECONDS);  // until the window is what it will be
  double latest = 0;
  for (int i = 0; i < 20; ++i) {
    latest = std::max(latest, secondsFor(world, [&]() {
                        control.near->write("!", 1).wait(world.scope);
                        char mark;
                        world.wait(control.far->read(&mark, 1));
                      }));
    world.pass(200 * kj::MILLISECONDS);
  }
  CHECK(latest < line.lateSecondsMax);
  // 6 s and what the messages took have passed; the line would need 10 for all of it.
  double rest = secondsFor(world, [&]() { world.wait(kj::mv(carrying)); });
  CHECK(rest < 5);
}

TEST_CASE("the bulk streams of a connection share one window, and none of them stands still") {
  World world;
  Pair pair(world);
  Open control(world, pair);
  Open first(world, pair);
  Bytes much = pattern(8 * kMiB);
  carry(world, first, much);  // the window grows to its largest
  Open second(world, pair), third(world, pair);
  pair.server.link.setDeaf(true);
  auto write = [&](Open& stream) {
    return stream.near->write(much.data(), much.size()).eagerlyEvaluate([](kj::Exception&&) {});
  };
  auto one = write(first), two = write(second), three = write(third);
  world.pass(100 * kj::MILLISECONDS);
  CHECK(pair.near->retainedBytes() >= Limits{}.bulkWindowMax);
  CHECK(pair.near->retainedBytes() <= Limits{}.bulkWindowMax + 2 * Limits{}.bulkWindowMin);
  pair.server.link.setDeaf(false);
  auto read = [&](Open& stream) -> kj::Promise<void> {
    Bytes received(much.size());
    co_await stream.far->read(received.data(), received.size());
    CHECK(received == much);
  };
  world.wait(kj::joinPromises(kj::arr(read(first), read(second), read(third))));
  world.pass(1 * kj::SECONDS);
  CHECK(pair.near->retainedBytes() == 0);
}

TEST_CASE("a stream that is dropped gives back its part of the window") {
  World world;
  Pair pair(world);
  Open control(world, pair);
  Bytes much = pattern(kMiB);
  {
    Open bulk(world, pair);
    auto writing = bulk.near->write(much.data(), much.size()).eagerlyEvaluate([](kj::Exception&&) {});
    world.pass(5 * kj::MILLISECONDS);
    CHECK(pair.near->retainedBytes() > 0);
  }
  world.pass(1 * kj::SECONDS);
  CHECK(pair.near->retainedBytes() == 0);
}

TEST_CASE("streams whose data overtook the control stream's are told apart by id") {
  World world;
  Pair pair(world);
  auto first = world.wait(pair.near->openStream());
  auto second = world.wait(pair.near->openStream());
  writeText(world, *second, "second");
  auto arrived = world.wait(pair.far->acceptStream());
  CHECK(arrived->id() == second->id());
  writeText(world, *first, "first");
  CHECK(world.wait(pair.far->acceptStream())->id() == 0);
}

}  // namespace
}  // namespace qpq::quic::test
