// How fast do large things travel? `blob_stream` is one bare QUIC stream between two processes: what the transport
// allows, with encryption and without a store. `blob_up` and `blob_down` are blobs of a real qpq-server: announced,
// hashed and synced before they count, and read again. `ping_beside_blob` is what a message waits for while a blob goes
// up on its connection.

#include <kj/debug.h>

#include <cstdio>
#include <vector>

#include "base/codec.h"
#include "client_loop.h"
#include "crypto/hash.h"
#include "data_folder.h"
#include "lean_device.h"
#include "report.h"
#include "samples.h"
#include "schema/data.h"
#include "server_floors.h"
#include "server_process.h"
#include "stream_sink.h"
#include "wire/bulk.h"

namespace qpq::bench {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr std::size_t kChunk = 256 * 1024;
constexpr std::size_t kPacedChunk = 16 * 1024;
constexpr double kPacedBitsPerSecond = 50e6;
constexpr std::size_t kMessageSize = 256;
constexpr auto kMessagesApart = 51 * kj::MILLISECONDS;  // as fast as one device may (server::kMessagesPerDevice)

using schema::dataOf;

double mibPerSecond(uint64_t bytes, double us) { return static_cast<double>(bytes) / kMiB * 1e6 / us; }

class BlobBench {
 public:
  BlobBench(int argc, char** argv): report_("blob", argc, argv), folder_("blob"), core_(keepApart()), sink_(core_) {}

  void run() {
    ServerFloors floors = measureServerFloors(report_, folder_);
    stream(floors);
    ServerProcess server(folder_ / "server", {.core = core_, .further = {"--blob-quota-mib", "100000"}});
    Identity identity = Identity::random("alice", clients_.random);
    auto device = clients_.wait(LeanDevice::join(clients_, server.address(), clients_.freshHost(), identity));
    blobs(server, *device, floors);
    messagesBeside(*device);
  }

 private:
  void stream(const ServerFloors& floors) {
    const uint64_t size = report_.pick<uint64_t>(384, 16) * kMiB;
    std::vector<double> perSecond;
    for (int round = 0; round < report_.pick(7, 1); ++round) {
      double start = wallUs();
      clients_.wait(send(size));
      perSecond.push_back(mibPerSecond(size, wallUs() - start));
    }
    report_.section("one stream");
    report_.add(against({Goal::Is::atLeast, 1'000}, {.name = "blob_stream",
                                                     .operations = perSecond.size(),
                                                     .value = median(perSecond),
                                                     .unit = "MiB/s",
                                                     .keys = {{"payload", std::to_string(size)}},
                                                     .figures = {{"floor", floors.sha256MiBs}}}));
  }

  void blobs(const ServerProcess& server, LeanDevice& device, const ServerFloors& floors) {
    const uint64_t size = report_.pick<uint64_t>(256, 8) * kMiB;
    std::vector<double> disk, up, down, upCpuUs, downCpuUs;
    for (int round = 0; round < report_.pick(7, 1); ++round) {
      disk.push_back(folder_.writeMiBs(size));
      Bytes bytes = noise(size);
      crypto::Hash32 hash = crypto::sha256(bytes);
      double before = server.cpuUs(), start = wallUs();
      clients_.wait(bring(device, hash, bytes));
      up.push_back(mibPerSecond(size, wallUs() - start));
      upCpuUs.push_back((server.cpuUs() - before) * kMiB / static_cast<double>(size));
      before = server.cpuUs(), start = wallUs();
      clients_.wait(fetch(device, hash, size));
      down.push_back(mibPerSecond(size, wallUs() - start));
      downCpuUs.push_back((server.cpuUs() - before) * kMiB / static_cast<double>(size));
      // Or the next one is written into memory that this machine has not touched yet, which takes several times as
      // long.
      clients_.wait(drop(device, hash));
    }
    report_.section("blobs of a server");
    auto row = [&](std::string name, double goal, const std::vector<double>& each, const std::vector<double>& cpuUs) {
      report_.add(against({Goal::Is::atLeast, goal}, {.name = std::move(name),
                                                      .operations = each.size(),
                                                      .value = median(each),
                                                      .unit = "MiB/s",
                                                      .durability = folder_.durability(),
                                                      .keys = {{"payload", std::to_string(size)}},
                                                      .figures = {{"server_us_per_MiB", median(cpuUs)},
                                                                  {"floor", floors.sha256MiBs},
                                                                  {"disk_floor", median(disk)}}}));
    };
    row("blob_up", 400, up, upCpuUs);
    row("blob_down", 800, down, downCpuUs);
  }

  // One message after the other, on a connection on which a blob goes up at a steady pace, and on a quiet one.
  void messagesBeside(LeanDevice& device) {
    const uint64_t count = report_.pick<uint64_t>(400, 50);
    std::vector<double> quietUs = appends(device, count);
    Bytes bytes = noise(report_.pick<uint64_t>(256, 64) * kMiB);
    bool goesOn = true;
    auto bringing = pace(device, crypto::sha256(bytes), bytes, goesOn).eagerlyEvaluate([](kj::Exception&& exception) {
      KJ_LOG(ERROR, "the blob beside", exception);
    });
    std::vector<double> besideUs = appends(device, count);
    goesOn = false;
    clients_.wait(kj::mv(bringing));
    report_.section("messages beside a blob at 50 Mbit/s");
    report_.add(against({Goal::Is::atMost, 12}, {.name = "ping_beside_blob",
                                                 .operations = count,
                                                 .size = kMessageSize,
                                                 .value = quantile(besideUs, 0.99) / 1e3,
                                                 .unit = "ms",
                                                 .durability = folder_.durability(),
                                                 .figures = {{"p50_ms", quantile(besideUs, 0.5) / 1e3},
                                                             {"quiet_p50_ms", quantile(quietUs, 0.5) / 1e3},
                                                             {"quiet_p99_ms", quantile(quietUs, 0.99) / 1e3}}}));
  }

  std::vector<double> appends(LeanDevice& device, uint64_t count) {
    std::vector<double> eachUs;
    for (uint64_t i = 0; i < count; ++i) {
      double start = wallUs();
      clients_.wait(device.append(kMessageSize));
      eachUs.push_back(wallUs() - start);
      clients_.wait(clients_.timer.afterDelay(kMessagesApart));
    }
    return eachUs;
  }

  // No two are the same: a server that has a blob already takes none of it.
  Bytes noise(uint64_t size) {
    Bytes bytes(static_cast<std::size_t>(size), 'q');
    clients_.random.fill(ByteSpan(bytes).first(kChunk));
    return bytes;
  }

  // On its stream, up to the first byte of the blob.
  kj::Promise<kj::Own<quic::Stream>> announce(LeanDevice& device, const crypto::Hash32& hash, uint64_t size) {
    auto request = device.session().blobsRequest().send().getBlobs().putRequest();
    request.setHash(dataOf(hash));
    request.setLength(size);
    auto response = co_await request.send();
    KJ_REQUIRE(response.getOutcome().isStream(), "the blob was refused", response.getOutcome().which());
    auto stream = co_await device.connection().connection().openStream();
    Bytes ticket = schema::bytesOf(response.getOutcome().getStream().getTicket());
    co_await stream->write(ticket.data(), ticket.size());
    co_return kj::mv(stream);
  }

  kj::Promise<void> bring(LeanDevice& device, crypto::Hash32 hash, const Bytes& bytes) {
    auto stream = co_await announce(device, hash, bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += kChunk) co_await stream->write(bytes.data() + at, kChunk);
    stream->shutdownWrite();
    uint8_t verdict = 0;
    co_await stream->read(&verdict, 1);
    KJ_REQUIRE(verdict == static_cast<uint8_t>(wire::BulkVerdict::stored), "the blob was not stored", verdict);
  }

  kj::Promise<void> pace(LeanDevice& device, crypto::Hash32 hash, const Bytes& bytes, const bool& goesOn) {
    auto stream = co_await announce(device, hash, bytes.size());
    auto due = clients_.timer.now();
    auto apart = static_cast<int64_t>(kPacedChunk * 8 / kPacedBitsPerSecond * 1e9) * kj::NANOSECONDS;
    for (std::size_t at = 0; goesOn && at < bytes.size(); at += kPacedChunk) {
      due += apart;
      co_await clients_.timer.atTime(due);
      co_await stream->write(bytes.data() + at, kPacedChunk);
    }
    KJ_REQUIRE(!goesOn, "the blob was too short for the messages beside it");
  }

  kj::Promise<void> fetch(LeanDevice& device, crypto::Hash32 hash, uint64_t size) {
    auto request = device.session().blobsRequest().send().getBlobs().getRequest();
    request.setHash(dataOf(hash));
    auto response = co_await request.send();
    KJ_REQUIRE(response.getOutcome().isStream(), "the blob is not there");
    auto stream = co_await device.connection().connection().openStream();
    Bytes ticket = schema::bytesOf(response.getOutcome().getStream().getTicket());
    co_await stream->write(ticket.data(), ticket.size());
    stream->shutdownWrite();
    std::vector<kj::byte> chunk(kChunk);
    uint64_t bytes = 0;
    while (std::size_t count = co_await stream->tryRead(chunk.data(), 1, chunk.size())) bytes += count;
    KJ_REQUIRE(bytes == size, "not all of it came");
  }

  kj::Promise<void> drop(LeanDevice& device, const crypto::Hash32& hash) {
    auto request = device.session().blobsRequest().send().getBlobs().dropRequest();
    request.setHash(dataOf(hash));
    co_await request.send();
  }

  kj::Promise<void> send(uint64_t size) {
    static const std::vector<kj::byte> kBytes(kChunk, 'q');
    auto connection = co_await clients_.connectBare(sink_.address(), clients_.freshHost());
    auto stream = co_await connection->openStream();
    for (uint64_t sent = 0; sent < size; sent += kChunk) co_await stream->write(kBytes.data(), kBytes.size());
    stream->shutdownWrite();
    Bytes answer(sizeof(uint64_t));
    std::size_t count = co_await stream->tryRead(answer.data(), answer.size(), answer.size());
    KJ_REQUIRE(count == answer.size() && answer == encode(size), "not all of it arrived");
  }

  Report report_;
  DataFolder folder_;
  const std::optional<uint32_t> core_;
  StreamSink sink_;  // before this process has a loop
  ClientLoop clients_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    qpq::bench::BlobBench(argc, argv).run();
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_blob: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
