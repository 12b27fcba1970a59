#include "server/services.h"

#include <kj/debug.h>

#include "server/limits.h"
#include "server/retention.h"

namespace qpq::server {

Services::Services(const World& world, const ServerKeys& keys, const wire::Hash& tlsKey, const AuthPolicy& policy)
    : clock(world.clock),
      timer(world.timer),
      observer(world.observer),
      keys(keys),
      info(keys.info(tlsKey)),
      writer_(world.writeWorker, world.writes),
      reader_(world.readWorker, world.reads),
      auth(writer_, reader_, keys, world.clock, world.random, world.rates, policy),
      devices(writer_, reader_),
      directory(reader_, world.clock, world.rates),
      keyPackages(writer_, reader_, world.clock),
      vaults(writer_, reader_, keys, policy),
      logs(writer_, reader_, keys, world.clock, world.random),
      acknowledgements(writer_, world.timer),
      bulk(writer_, reader_, world.fileWorker, world.writes.files(),
           {world.clock, world.timer, world.random, world.rates, world.observer, world.blobBytesMax}),
      followers(logs, world.timer, world.observer),
      tasks_(*this) {
  writer_.onNews([this](const News& news) {
    // Sessions first: nothing more is pushed to a device that has just been revoked.
    for (const wire::DeviceList& list : news.lists) sessions.keepOnly(list);
    followers.tell(news);
  });
}

void Services::beginSweeping() {
  tasks_.add(sweepForEver());
  tasks_.add(sweepFilesForEver());
}

kj::Promise<void> Services::sweepForEver() {
  auto servedFrom = timer.now();
  for (;;) {
    auto servedMs = static_cast<uint64_t>((timer.now() - servedFrom) / kj::MILLISECONDS);
    auto age = co_await writer_.run([servedMs](Write& write) { return growOlder(write, servedMs); });
    if (age) servedFrom += servedMs * kj::MILLISECONDS;
    for (bool goesOn = age.has_value(); goesOn;) {
      auto swept = co_await writer_.run([age = *age](Write& write) { return sweep(write, age); });
      goesOn = swept && *swept == Pruning::goesOn;
    }
    co_await timer.afterDelay(kSweepIntervalMs * kj::MILLISECONDS);
  }
}

kj::Promise<void> Services::sweepFilesForEver() {
  for (;;) {
    co_await bulk.sweepFiles();
    co_await timer.afterDelay(kSweepFilesIntervalMs * kj::MILLISECONDS);
  }
}

kj::Promise<void> Services::shutDown() {
  // A follower that does not listen must not hold up the rest.
  co_await followers.sayClosing(kClosingAfterMs).exclusiveJoin(timer.afterDelay(kClosingPatienceMs * kj::MILLISECONDS));
  co_await acknowledgements.flush();
  co_await writer_.drained();
}

kj::Promise<bool> Services::probeStore() {
  auto written = co_await writer_.run([](Write& write) -> store::Result<Accepted> {
    TRY(write.tables.state.probe());
    return Accepted();
  });
  co_return written.has_value();
}

void Services::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "the sweep ended", exception); }

}  // namespace qpq::server
