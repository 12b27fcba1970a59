// qpq-server: reads its configuration, opens its store, listens until it is told to stop.
//
// Exit codes: 0 stopped on purpose, 1 something failed at run time, 2 the command line or the configuration is wrong.
#include <kj/async-unix.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <format>
#include <iostream>
#include <tuple>

#include "crypto/system_random.h"
#include "loop/system_clock.h"
#include "serve.h"
#include "server/flags.h"
#include "server/settings.h"
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
  loop::SystemClock clock;
  Journal::Sink sink = writeToStandardError;
  Journal journal(clock, settings.log, sink);
  for (const auto* notes : {&settings.notes, &key.notes, &tls.notes}) {
    for (const std::string& note : *notes) journal.tell(LogLevel::warn, note);
  }
  try {
    return serve(settings, key.key, tls, random, journal);
  } catch (const kj::Exception& exception) {
    journal.tell(LogLevel::error, exception.getDescription().cStr());
    return 1;
  }
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
  return run(*flags);
}
