#include <kj/async-io.h>

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <vector>

#include "loop/worker.h"
#include "server/reader.h"
#include "server/store/sqlite/open.h"
#include "server/writer.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::server;

namespace {
struct StillClock final: public Clock {
  Instant now() const override { return {1'800'000'000'000}; }
};
}  // namespace

TEST_CASE("on threads of their own the writer answers in order and the reader sees what was answered") {
  auto io = kj::setupAsyncIo();
  test::ScratchFolder folder;
  test::SeededRandom random(1);
  StillClock clock;
  auto opened = store::sqlite::open(folder.file("server.db"), random.secret<32>());
  REQUIRE(opened);
  auto keys = ServerKeys::open(*opened->write, random, clock.now());
  REQUIRE(keys);
  BlobFiles files(folder.file("blobs"));
  WriteQueue queue(*opened->write, files, *keys, clock);
  loop::ThreadWorker writeWorker;
  loop::ThreadWorker readWorker;
  StoreWriter writer(writeWorker, queue);
  StoreReader reader(readWorker, *opened->read);

  std::vector<LogId> logs;
  std::vector<int> answered;
  kj::Vector<kj::Promise<void>> answers;
  for (int i = 0; i < 300; ++i) {
    LogId log = logs.emplace_back(LogId::random(random));
    auto added = writer.run([log](Write& write) -> store::Result<bool> {
      TRY(write.tables.logs.add({log, {}, {}}, 1));
      return true;
    });
    answers.add(added.then([&, i, log](std::expected<bool, Unavailable> stored) -> kj::Promise<void> {
      CHECK(stored.has_value());
      answered.push_back(i);
      return reader.run([log](store::Tables& tables) { return tables.logs.find(log); })
          .then([](std::expected<std::optional<store::Log>, Unavailable> found) {
            REQUIRE(found.has_value());
            CHECK(found->has_value());
          });
    }));
  }
  kj::joinPromises(answers.releaseAsArray()).wait(io.waitScope);
  CHECK(answered.size() == 300);
  CHECK(std::ranges::is_sorted(answered));
}

TEST_CASE("a writer that goes while its flush runs leaves the flush to end") {
  auto io = kj::setupAsyncIo();
  test::ScratchFolder folder;
  test::SeededRandom random(1);
  StillClock clock;
  auto opened = store::sqlite::open(folder.file("server.db"), random.secret<32>());
  REQUIRE(opened);
  auto keys = ServerKeys::open(*opened->write, random, clock.now());
  REQUIRE(keys);
  LogId log = LogId::random(random);
  BlobFiles files(folder.file("blobs"));
  WriteQueue queue(*opened->write, files, *keys, clock);
  {
    loop::ThreadWorker worker;
    StoreWriter writer(worker, queue);
    auto dropped = writer.run([log](Write& write) -> store::Result<bool> {
      TRY(write.tables.logs.add({log, {}, {}}, 1));
      return true;
    });
    // Long enough for the flush to be given to the worker, not for its answer to be looked at.
    kj::evalLater([]() {}).wait(io.waitScope);
    kj::evalLater([]() {}).wait(io.waitScope);
  }
  auto view = opened->read->read();
  CHECK(view->tables().logs.find(log)->has_value());
}
