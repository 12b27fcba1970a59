// qpq-server: reads its configuration, opens its store, listens until it is told to stop.
//
// Exit codes: 0 stopped on purpose, 1 something failed at run time, 2 the command line or the configuration is wrong.
#include <kj/async-unix.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <format>
#include <iostream>
#include <memory>
#include <tuple>
#include <vector>

#include "crypto/system_random.h"
#include "loop/system_clock.h"
#include "loop/worker.h"
#include "quic/shared_port.h"
#include "server/flags.h"
#include "server/serving_loop.h"
#include "server/settings.h"
#include "server/store/open.h"
#include "server/store/store_lock.h"
#include "server/tls_files.h"
#include "server/whole_file.h"

namespace {

using namespace qpq;
using namespace qpq::server;

constexpr std::size_t kConfigSizeMax = 64 * 1024;

Configured<Settings> settingsOf(const Flags& flags) {
  Config config;
  if (!flags.config.empty()) {
    SecretBytes file = TRY(readWhole(flags.config, "--config", kConfigSizeMax));
    config = TRY(parseConfig(asText(file.expose()), flags.config));
  }
  Settings settings = TRY(settle(overlay(std::move(config), flags), Environment::ofProcess()));
  if (flags.dbKey) settings.notes.push_back("--db-key is visible in the process list; prefer --db-key-file");
  std::error_code error;
  std::filesystem::create_directories(settings.dataDir, error);
  if (error) return std::unexpected(ConfigError{std::format("data_dir {}: {}", settings.dataDir, error.message())});
  return settings;
}

void print(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) std::cerr << "qpq-server: " << note << '\n';
}

AuthPolicy policyOf(const Settings& settings) {
  return {settings.weakKsf ? crypto::kArgon2CostTest : crypto::kArgon2CostMin,
          settings.registration == Registration::open};
}

// Everything a running server consists of, in the order it must be taken down in reverse.
int serve(const Settings& settings, const Secret<32>& databaseKey, const TlsFiles& tls, Random& random) {
  loop::SystemClock clock;
  auto lock = store::StoreLock::take(settings.dbPath);
  if (!lock) {
    std::cerr << "qpq-server: " << lock.error() << '\n';
    return 1;
  }
  auto store = store::open(settings.dbPath, databaseKey);
  if (!store) {
    std::cerr << std::format("qpq-server: {}: {}\n", settings.dbPath, store.error().text);
    return 1;
  }
  auto keys = ServerKeys::open(store->write, random, clock.now());
  if (!keys) {
    std::cerr << std::format("qpq-server: {}: {}\n", settings.dbPath, keys.error().text);
    return 1;
  }
  auto sockets = quic::bindSharedPort(settings.listen, settings.loops);
  WriteQueue writes(store->write, *keys, clock);
  EntryRates rates;
  loop::ThreadWorker writeWorker;
  AuthPolicy policy = policyOf(settings);
  ServerWide wide{clock, random, *keys, tls.identity, policy, writeWorker, writes, rates};
  Exchange exchange;
  kj::UnixEventPort port;
  kj::EventLoop loop(port);
  kj::WaitScope waitScope(loop);
  waitScope.setBusyPollInterval(kBusyPollInterval);
  ServingLoop first(port, wide, exchange, {0, settings.loops}, kj::mv(sockets[0]), std::move(store->read));
  first.services().beginSweeping();
  std::vector<std::unique_ptr<LoopThread>> others;
  for (uint8_t i = 1; i < settings.loops; ++i) {
    auto reader = store::openReader(settings.dbPath, databaseKey);
    if (!reader) {
      std::cerr << std::format("qpq-server: {}: {}\n", settings.dbPath, reader.error().text);
      return 1;
    }
    others.push_back(std::make_unique<LoopThread>(wide, exchange, quic::LoopPlace{i, settings.loops},
                                                  kj::mv(sockets[i]), *std::move(reader)));
  }
  std::cout << std::format("qpq-server listening on {} identity {}\n", first.address().text(), toHex(keys->identity()))
            << std::flush;

  auto told = port.onSignal(SIGTERM).ignoreResult().exclusiveJoin(port.onSignal(SIGINT).ignoreResult());
  told.wait(waitScope);
  std::cerr << "qpq-server: stopping\n";
  for (auto& other : others) other->stop();
  first.shutDown().wait(waitScope);
  return 0;
}

int run(const Flags& flags) {
  crypto::SystemRandom random;
  auto prepared = [&]() -> Configured<std::tuple<Settings, DatabaseKey, TlsFiles>> {
    Settings settings = TRY(settingsOf(flags));
    DatabaseKey key = TRY(databaseKey(settings, random));
    TlsFiles tls = TRY(tlsFiles(settings, random, loop::SystemClock().now()));
    return std::tuple{std::move(settings), std::move(key), std::move(tls)};
  }();
  if (!prepared) {
    std::cerr << "qpq-server: " << prepared.error().what << '\n';
    return 2;
  }
  auto& [settings, key, tls] = *prepared;
  for (const auto* notes : {&settings.notes, &key.notes, &tls.notes}) print(*notes);
  return serve(settings, key.key, tls, random);
}

}  // namespace

int main(int count, char** words) {
  umask(0077);  // whatever this program writes is its owner's alone
  kj::UnixEventPort::captureSignal(SIGTERM);
  kj::UnixEventPort::captureSignal(SIGINT);
  auto flags = parseFlags(count, words, QPQ_VERSION);
  if (!flags) {
    (flags.error().code == 0 ? std::cout : std::cerr) << flags.error().text;
    return flags.error().code;
  }
  try {
    return run(*flags);
  } catch (const kj::Exception& exception) {
    std::cerr << "qpq-server: " << exception.getDescription().cStr() << '\n';
    return 1;
  }
}
