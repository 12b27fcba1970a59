#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include "base/random.h"
#include "base/time.h"
#include "loop/worker.h"
#include "server/acknowledgements.h"
#include "server/auth.h"
#include "server/bulk/bulk.h"
#include "server/devices.h"
#include "server/directory.h"
#include "server/followers.h"
#include "server/key_packages.h"
#include "server/keys.h"
#include "server/logs.h"
#include "server/observe/observer.h"
#include "server/reader.h"
#include "server/sessions.h"
#include "server/vaults.h"
#include "server/writer.h"

namespace qpq::server {

// What the services of one loop stand on: programs bring threads and the system's clock, the simulator its own. Clock,
// randomness, writes and rates are the whole server's, timer and reader this loop's. The workers may be one and the
// same, if it is the loop's own. All outlive the services; queue and connection outlive their workers' last jobs.
struct World {
  const Clock& clock;
  Random& random;
  kj::Timer& timer;
  loop::Worker& writeWorker;
  WriteQueue& writes;
  loop::Worker& readWorker;
  store::Connection& reads;
  loop::Worker& fileWorker;  // moves bulk between disk and network: a sync there holds up no reader
  EntryRates& rates;
  Observer& observer = unobserved();
  uint64_t blobBytesMax = uint64_t{kBlobQuotaMib} * 1024 * 1024;  // of one account
};

// Everything a server does for people, on one of its loops, without a network. rpc/node.h gives it a face; whoever
// holds connections drops them before this.
class Services final: private kj::TaskSet::ErrorHandler {
 public:
  // `keys` outlive the workers' last jobs, too. `tlsKey`: SHA-256 of the SPKI of the certificate clients will see.
  Services(const World& world, const ServerKeys& keys, const wire::Hash& tlsKey, const AuthPolicy& policy);
  KJ_DISALLOW_COPY_AND_MOVE(Services);

  // What ages is looked for at once and every kSweepIntervalMs.
  void beginSweeping();
  // Tells followers, writes what waits, and resolves when nothing more will be written.
  kj::Promise<void> shutDown();
  // Makes a small write durable: whether the store takes any.
  kj::Promise<bool> probeStore();

  const Clock& clock;
  kj::Timer& timer;
  Observer& observer;
  const ServerKeys& keys;
  const wire::ServerInfo info;

 private:
  StoreWriter writer_;
  StoreReader reader_;

 public:
  Auth auth;
  Devices devices;
  Directory directory;
  KeyPackages keyPackages;
  Vaults vaults;
  Logs logs;
  Acknowledgements acknowledgements;
  Sessions sessions;
  Bulk bulk;
  Followers followers;

 private:
  kj::Promise<void> sweepForEver();
  kj::Promise<void> sweepFilesForEver();
  void taskFailed(kj::Exception&& exception) override;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
