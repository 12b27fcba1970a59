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
#include "server/observe/http_face.h"
#include "server/observe/page.h"
#include "server/serving_loop.h"
#include "server/store/open.h"
#include "server/store/store_lock.h"

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
  auto lock = store::StoreLock::take(settings.dbPath);
  if (!lock) return failed(lock.error());
  auto store = store::open(settings.dbPath, databaseKey);
  if (!store) return failed(std::format("{}: {}", settings.dbPath, store.error().text));
  auto keys = ServerKeys::open(store->write, random, clock.now());
  if (!keys) return failed(std::format("{}: {}", settings.dbPath, keys.error().text));
  auto sockets = quic::bindSharedPort(settings.listen, settings.loops);
  Metrics metrics;
  WriteQueue writes(store->write, *keys, clock, metrics);
  EntryRates rates;
  AuthPolicy policy = policyOf(settings);
  loop::ThreadWorker writeWorker;
  ServerWide wide{clock, random, *keys, tls.identity, policy, writeWorker, writes, rates, metrics};
  Exchange exchange;
  auto io = kj::setupAsyncIo();
  io.waitScope.setBusyPollInterval(kBusyPollInterval);
  ServingLoop first(io.unixEventPort, wide, exchange, {0, settings.loops}, kj::mv(sockets[0]), std::move(store->read));
  first.services().beginSweeping();
  std::vector<std::unique_ptr<LoopThread>> others;
  for (uint8_t i = 1; i < settings.loops; ++i) {
    auto reader = store::openReader(settings.dbPath, databaseKey);
    if (!reader) return failed(std::format("{}: {}", settings.dbPath, reader.error().text));
    others.push_back(std::make_unique<LoopThread>(wide, exchange, quic::LoopPlace{i, settings.loops},
                                                  kj::mv(sockets[i]), *std::move(reader)));
  }
  quic::KernelTimer& timer = first.timer();
  Readiness readiness(first.services(), first.readWorker(), folderOf(settings.dbPath));
  HttpFace face(timer, readiness, [&]() -> kj::Promise<std::string> {
    LoopFigures figures = first.figures();
    for (auto& other : others) figures += co_await other->figures();
    co_return metricsPage({metrics, writes, rates, figures, QPQ_VERSION, startedMs});
  });
  showMetrics(face, *io.lowLevelProvider, settings, journal);
  std::cout << std::format("qpq-server listening on {} identity {}\n", first.address().text(), toHex(keys->identity()))
            << std::flush;
  journal.tell(LogLevel::info, "listening",
               {{"address", first.address().text()}, {"version", QPQ_VERSION}, {"identity", toHex(keys->identity())}});

  auto told =
      io.unixEventPort.onSignal(SIGTERM).ignoreResult().exclusiveJoin(io.unixEventPort.onSignal(SIGINT).ignoreResult());
  told.wait(io.waitScope);
  journal.tell(LogLevel::info, "stopping");
  readiness.stopping();
  for (auto& other : others) other->stop();
  first.shutDown().wait(io.waitScope);
  return 0;
}

}  // namespace qpq
