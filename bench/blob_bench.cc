// How fast do large things travel? `blob_stream` is one bare QUIC stream between two processes: what the transport
// allows, with encryption and without a store.

#include <kj/debug.h>

#include <cstdio>
#include <vector>

#include "base/codec.h"
#include "client_loop.h"
#include "data_folder.h"
#include "report.h"
#include "samples.h"
#include "server_floors.h"
#include "server_process.h"
#include "stream_sink.h"

namespace qpq::bench {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr std::size_t kChunk = 256 * 1024;

class BlobBench {
 public:
  BlobBench(int argc, char** argv): report_("blob", argc, argv), folder_("blob"), core_(keepApart()), sink_(core_) {}

  void run() {
    ServerFloors floors = measureServerFloors(report_, folder_);
    const uint64_t size = report_.pick<uint64_t>(384, 16) * kMiB;
    std::vector<double> perSecond;
    for (int round = 0; round < report_.pick(7, 1); ++round) {
      double start = wallUs();
      clients_.wait(send(size));
      perSecond.push_back(static_cast<double>(size) / kMiB * 1e6 / (wallUs() - start));
    }
    report_.section("one stream");
    report_.add(against({Goal::Is::atLeast, 1'000}, {.name = "blob_stream",
                                                     .operations = perSecond.size(),
                                                     .value = median(perSecond),
                                                     .unit = "MiB/s",
                                                     .keys = {{"payload", std::to_string(size)}},
                                                     .figures = {{"floor", floors.sha256MiBs}}}));
  }

 private:
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
