#include "serve.h"

#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <signal.h>

#include <filesystem>
#include <format>
#include <iostream>
#include <memory>
#include <vector>

#include "loop/system_clock.h"
#include "loop/worker.h"
#include "quic/shared_port.h"
#include "server/admin/desk.h"
#include "server/admin/socket.h"
#include "server/certificate_watch.h"
#include "server/loops.h"
#include "server/observe/http_face.h"
#include "server/observe/page.h"
#include "server/observe/service_manager.h"
#include "server/store/sqlite/open.h"
#include "server/store/sqlite/store_lock.h"

namespace qpq {

namespace {

using namespace qpq::server;

AuthPolicy policyOf(const Settings& settings) {
  return {settings.weakKsf ? crypto::kArgon2CostTest : crypto::kArgon2CostMin,
          settings.registration == Registration::open};
}

std::string folderOf(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// One for each loop.
using Readers = std::vector<std::unique_ptr<store::Connection>>;
sql::Result<Readers> readersOf(const Settings& settings, const Secret<32>& databaseKey,
                               std::unique_ptr<store::Connection> first) {
  Readers readers;
  readers.push_back(std::move(first));
  while (readers.size() < settings.loops)
    readers.push_back(TRY(store::sqlite::openReader(settings.dbPath, databaseKey)));
  return readers;
}

// A second server on a machine is no mistake, so the port nobody asked for may be taken.
void showMetrics(HttpFace& face, kj::LowLevelAsyncIoProvider& provider, const Settings& settings,
                 const Journal& journal) {
  if (!settings.metricsListen) return;
  auto shown = kj::runCatchingExceptions([&]() {
    auto address = face.listen(provider, *settings.metricsListen);
    journal.tell(LogLevel::info, "metrics are shown", {{"url", std::format("http://{}/metrics", address.text())}});
  });
  KJ_IF_MAYBE (exception, shown) {
    if (!settings.metricsListenIsDefault) kj::throwFatalException(kj::mv(*exception));
    journal.tell(LogLevel::warn, "the default port of the metrics is taken, so none are shown: name a metrics_listen",
                 {{"address", settings.metricsListen->text()}});
  }
}

kj::Promise<void> reloadForEver(kj::UnixEventPort& port, CertificateWatch& certificates) {
  for (;;) {
    co_await port.onSignal(SIGHUP);
    co_await certificates.reload();
  }
}

}  // namespace

// Everything a running server consists of, in the order it must be taken down in reverse.
int serve(const Settings& settings, const Secret<32>& databaseKey, const TlsFiles& tls, Random& random,
          const Journal& journal) {
  auto failed = [&](const std::string& what) {
    journal.tell(LogLevel::error, what);
    return 1;
  };
  loop::SystemClock clock;
  const uint64_t startedMs = clock.now().unixMs;
  auto lock = store::sqlite::StoreLock::take(settings.dbPath);
  if (!lock) return failed(lock.error());
  auto store = store::sqlite::open(settings.dbPath, databaseKey);
  if (!store) return failed(std::format("{}: {}", settings.dbPath, store.error().text));
  auto keys = ServerKeys::open(*store->write, random, clock.now());
  if (!keys) return failed(std::format("{}: {}", settings.dbPath, keys.error().text));
  auto readers = readersOf(settings, databaseKey, std::move(store->read));
  if (!readers) return failed(std::format("{}: {}", settings.dbPath, readers.error().text));
  auto sockets = quic::bindSharedPort(settings.listen, settings.loops);
  Metrics metrics;
  BlobFiles files(blobFolder(settings));
  WriteQueue writes(*store->write, files, *keys, clock, metrics);
  EntryRates rates;
  MemoryCeiling memory(settings.memoryMaxBytes);
  AuthPolicy policy = policyOf(settings);
  loop::ThreadWorker writeWorker;
  ServerWide wide{clock,       random, *keys, tls.identity, policy,
                  writeWorker, writes, rates, memory, metrics, settings.blobBytesMax};
  auto io = kj::setupAsyncIo();
  io.waitScope.setBusyPollInterval(kBusyPollInterval);
  Loops loops(io.unixEventPort, wide, kj::mv(sockets), std::move(*readers));
  loops.first().services().beginSweeping();
  quic::KernelTimer& timer = loops.first().timer();
  Readiness readiness(loops.first().services(), loops.first().readWorker(), folderOf(settings.dbPath));
  HttpFace face(timer, readiness, [&]() -> kj::Promise<std::string> {
    auto figures = co_await loops.figures();
    co_return metricsPage({metrics, writes, rates, memory, figures, QPQ_VERSION, startedMs});
  });
  showMetrics(face, *io.lowLevelProvider, settings, journal);
  loop::ThreadWorker adminWorker;
  AdminDesk desk({loops, writes, readiness, journal, QPQ_VERSION, startedMs}, adminWorker,
                 {settings.dbPath, blobFolder(settings)}, databaseKey);
  AdminSocket admin(*io.lowLevelProvider, timer, settings.dataDir,
                    [&desk](std::string request) { return desk.answer(std::move(request)); });
  CertificateWatch certificates(
      {settings.tlsCert, settings.tlsKey}, [&](quic::TlsIdentity identity) { return loops.renew(std::move(identity)); },
      timer, loops.first().readWorker(), journal);
  auto renewing = reloadForEver(io.unixEventPort, certificates).eagerlyEvaluate(nullptr);
  std::cout << std::format("qpq-server listening on {} identity {}\n", loops.first().address().text(),
                           toHex(keys->identity()))
            << std::flush;
  journal.tell(
      LogLevel::info, "listening",
      {{"address", loops.first().address().text()}, {"version", QPQ_VERSION}, {"identity", toHex(keys->identity())}});

  tellServiceManager("READY=1");
  auto told =
      io.unixEventPort.onSignal(SIGTERM).ignoreResult().exclusiveJoin(io.unixEventPort.onSignal(SIGINT).ignoreResult());
  told.wait(io.waitScope);
  journal.tell(LogLevel::info, "stopping");
  tellServiceManager("STOPPING=1");
  readiness.stopping();
  loops.shutDown().wait(io.waitScope);
  return 0;
}

}  // namespace qpq
