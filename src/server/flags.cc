#include "server/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "server/limits.h"

namespace qpq::server {

namespace {

template <class Enum, std::size_t N>
std::optional<Enum> placeOf(const std::array<std::string_view, N>& words, std::string_view word) {
  auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

void addCommands(CLI::App& app, Flags& flags) {
  app.require_subcommand(0, 1);
  auto add = [&](const char* name, const char* what, Command command) {
    // Flags of the server may stand behind the command as well.
    return app.add_subcommand(name, what)->fallthrough()->callback([&flags, command]() { flags.command = command; });
  };
  add("check-config", "says what is wrong with a configuration and what would run; changes nothing",
      Command::checkConfig);
  add("status", "how the running server is", Command::status)->add_flag("--json", flags.json, "as one line of JSON");
  add("verify", "looks through the whole store, running or not", Command::verify);
  add("backup", "copies the store into a new file, running or not", Command::backup)
      ->add_option("FILE", flags.file, "a file that is not there yet")
      ->required();
  auto* restore = add("restore", "puts a backup in the place of the store of a stopped server", Command::restore);
  restore->add_option("FILE", flags.file, "a backup")->required();
  restore->add_flag("--force", flags.force, "also where there is a store; it is kept under .replaced");
  restore
      ->add_option_function<uint64_t>(
          "--refill-window", [&flags](const uint64_t& seconds) { flags.refillWindowMs = seconds * kSecondMs; },
          "seconds after the next start in which clients bring back what the backup lacks, and nobody writes [120]")
      ->check(CLI::Range(uint64_t{0}, kRefillWindowMsMax / kSecondMs));
  auto* invite = add("invite", "makes a code that lets somebody register at the running server", Command::invite);
  invite->add_option("--uses", flags.inviteUses, "accounts it may make [1]")->check(CLI::Range(1u, kInviteUsesMax));
  invite->add_option("--days", flags.inviteDays, "days it is good for [7]")->check(CLI::Range(1u, kInviteDaysMax));
  invite->add_option("--revoke", flags.revoke, "instead: takes back the one whose code begins so");
  add("invites", "the codes there are, by their first letters", Command::invites)
      ->add_flag("--json", flags.json, "as one line of JSON");
}

}  // namespace

std::expected<Flags, Exit> parseFlags(int count, const char* const* words, const std::string& version) {
  Flags flags;
  CLI::App app("qpq-server: carries sealed envelopes and cannot read them");
  app.set_version_flag("--version", "qpq-server " + version);
  app.add_option("--config", flags.config, "TOML file with the same names as these flags (data_dir for --data-dir)");
  app.add_option("--listen", flags.listen, "UDP address and port [0.0.0.0:7000]");
  app.add_option("--data-dir", flags.dataDir, "where certificate, key and database live [data]");
  app.add_option("--tls-cert", flags.tlsCert, "certificate, PEM or DER [made at the first start]");
  app.add_option("--tls-key", flags.tlsKey, "its private key");
  app.add_option("--db-path", flags.dbPath, "the encrypted database [DATA_DIR/qpq.db]");
  app.add_option("--db-key", flags.dbKey,
                 "its key; everyone on this machine can see it in ps, so prefer --db-key-file");
  app.add_option("--db-key-file", flags.dbKeyFile,
                 "file that holds its key [DATA_DIR/db.key, made at the first start]");
  app.add_option("--loops", flags.loops, "event loops, a thread each [one per core]")->check(CLI::Range(1u, kLoopsMax));
  app.add_option("--memory-max-mib", flags.memoryMaxMiB,
                 "memory it may take; beyond it clients are refused and sent away [3/4 of what there is]")
      ->check(CLI::Range(kMemoryMaxMiBMin, kMemoryMaxMiBMax));
  app.add_option("--blob-quota-mib", flags.blobQuotaMib, "what one account may keep in files, in MiB [50]")
      ->check(CLI::Range(1u, kBlobQuotaMibMax));
  app.add_option("--metrics-listen", flags.metricsListen,
                 "TCP address and port of /metrics, /healthz and /readyz; \"\" for none [127.0.0.1:9090]");
  std::string logFormat, logLevel;
  app.add_option("--log-format", logFormat, "how lines on standard error look [logfmt]")
      ->check(CLI::IsMember(std::vector<std::string>(kLogFormats.begin(), kLogFormats.end())));
  app.add_option("--log-level", logLevel, "the least that is told there [info]")
      ->check(CLI::IsMember(std::vector<std::string>(kLogLevels.begin(), kLogLevels.end())));
  app.add_flag("--allow-insecure-auth", flags.allowInsecureAuth,
               "offer a weak password hash, for tests; loopback listeners only");
  addCommands(app, flags);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    int code = app.exit(error, out, err);
    return std::unexpected(Exit{code == 0 ? 0 : 2, out.str() + err.str()});
  }
  flags.logFormat = placeOf<LogFormat>(kLogFormats, logFormat);
  flags.logLevel = placeOf<LogLevel>(kLogLevels, logLevel);
  return flags;
}

Config overlay(Config config, const Flags& flags) {
  auto put = [](const std::optional<std::string>& flag, std::string& value) {
    if (flag) value = *flag;
  };
  put(flags.listen, config.listen);
  put(flags.dataDir, config.dataDir);
  put(flags.tlsCert, config.tlsCert);
  put(flags.tlsKey, config.tlsKey);
  put(flags.dbPath, config.dbPath);
  // A key given on the command line replaces whichever way the file named one.
  if (flags.dbKey || flags.dbKeyFile) {
    config.dbKey.reset();
    config.dbKeyFile.clear();
  }
  if (flags.dbKey) config.dbKey = SecretBytes(asBytes(*flags.dbKey));
  put(flags.dbKeyFile, config.dbKeyFile);
  if (flags.loops) config.loops = *flags.loops;
  if (flags.memoryMaxMiB) config.memoryMaxMiB = *flags.memoryMaxMiB;
  if (flags.blobQuotaMib) config.blobQuotaMib = *flags.blobQuotaMib;
  if (flags.metricsListen) config.metricsListen = flags.metricsListen;
  config.log = {flags.logFormat.value_or(config.log.format), flags.logLevel.value_or(config.log.level)};
  config.allowInsecureAuth |= flags.allowInsecureAuth;
  return config;
}

}  // namespace qpq::server
