// qpq-server: reads its configuration, opens its store, listens until it is told to stop. Or one of its commands.
//
// Exit codes: 0 stopped on purpose, 1 something failed at run time, 2 the command line or the configuration is wrong.
#include <kj/async-unix.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <format>
#include <iostream>
#include <tuple>
#include <utility>

#include "commands.h"
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
  return settings;
}

Configured<void> makeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(ConfigError{std::format("data_dir {}: {}", folder, error.message())});
  return {};
}

int complain(const ConfigError& error) {
  std::cerr << "qpq-server: " << error.what << '\n';
  return 2;
}

int start(const Settings& settings, Random& random) {
  loop::SystemClock clock;
  auto prepared = [&]() -> Configured<std::pair<DatabaseKey, TlsFiles>> {
    TRY(makeFolder(settings.dataDir));
    DatabaseKey key = TRY(databaseKey(settings, random));
    TlsFiles tls = TRY(tlsFiles(settings, random, clock.now()));
    return std::pair{std::move(key), std::move(tls)};
  }();
  if (!prepared) return complain(prepared.error());
  auto& [key, tls] = *prepared;
  Journal::Sink sink = writeToStandardError;
  Journal journal(clock, settings.log, sink);
  for (const auto* notes : {&settings.notes, &std::as_const(key.notes), &std::as_const(tls.notes)}) {
    for (const std::string& note : *notes) journal.tell(LogLevel::warn, note);
  }
  try {
    return serve(settings, key.key, tls, random, journal);
  } catch (const kj::Exception& exception) {
    journal.tell(LogLevel::error, exception.getDescription().cStr());
    return 1;
  }
}

int run(const Flags& flags) {
  crypto::SystemRandom random;
  auto settings = settingsOf(flags);
  if (!settings) return complain(settings.error());
  if (flags.command == Command::serve) return start(*settings, random);
  AdminOutcome outcome = runCommand(flags, *settings, random);
  bool isReport = flags.command == Command::status || flags.command == Command::verify;
  (outcome.exit == 0 || (isReport && outcome.exit == 1) ? std::cout : std::cerr) << outcome.text;
  return outcome.exit;
}

// Nothing of this process's memory reaches a core file or another process of the same user.
void guardMemory() {
  ::prctl(PR_SET_DUMPABLE, 0);
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

int main(int count, char** words) {
  umask(0077);  // whatever this program writes is its owner's alone
  guardMemory();
  kj::UnixEventPort::captureSignal(SIGHUP);
  kj::UnixEventPort::captureSignal(SIGTERM);
  kj::UnixEventPort::captureSignal(SIGINT);
  auto flags = parseFlags(count, words, QPQ_VERSION);
  if (!flags) {
    (flags.error().code == 0 ? std::cout : std::cerr) << flags.error().text;
    return flags.error().code;
  }
  return run(*flags);
}
