#include "server/observe/metrics.h"

#include <catch2/catch_test_macros.hpp>

#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

std::string pageOf(const Metrics& metrics) {
  Exposition out;
  metrics.write(out);
  return std::move(out).take();
}

}  // namespace

TEST_CASE("what happened is counted under the names the original project had") {
  Metrics metrics;
  metrics.appended(AppendEnd::stored, 100, 2 * kj::MILLISECONDS);
  metrics.appended(AppendEnd::stored, 20, 2 * kj::MILLISECONDS);
  metrics.appended(AppendEnd::conflict, 5, 1 * kj::MILLISECONDS);
  metrics.pageRead();
  metrics.followBegun();
  metrics.packagesPublished(25);
  metrics.loginEnded(LoginEnd::proven, 100 * kj::MILLISECONDS);
  metrics.loginEnded(LoginEnd::denied, 100 * kj::MILLISECONDS);
  metrics.loginEnded(LoginEnd::limited, 0 * kj::MILLISECONDS);
  metrics.limited();
  auto page = pageOf(metrics);
  for (auto line :
       {"\nenqueue_total 2\n", "\nenqueue_bytes_total 120\n", "\nfetch_total 1\n", "\nfetch_wait_total 1\n",
        "\nkey_package_upload_total 25\n", "\nauth_login_success_total 1\n", "\nauth_login_failure_total 2\n",
        "\nrate_limit_hit_total 1\n", "\nqpq_appends_total{outcome=\"conflict\"} 1\n", "\nqpq_append_seconds_count 2\n",
        "\nqpq_login_seconds_count 2\n"}) {
    CHECK(page.contains(line));
  }
}

TEST_CASE("a server tells its observer of every flush") {
  struct Ears final: public Observer {
    void flushed(std::size_t operations, kj::Duration, FlushEnd end) override {
      if (end == FlushEnd::durable) durable += operations;
    }
    std::size_t durable = 0;
  } ears;
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock, ears);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  for (int i = 0; i < 3; ++i) {
    auto added = writer.run([i](Write& write) -> store::Result<Accepted> {
      TRY(write.tables.logs.add({logId(static_cast<uint8_t>(i)), {}, {}}, 1));
      return Accepted();
    });
    CHECK(world.ask(kj::mv(added)) == Accepted());
  }
  CHECK(ears.durable == 3);
}
