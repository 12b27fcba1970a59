#include "commands.h"

#include <filesystem>
#include <format>

#include "server/admin/client.h"
#include "server/admin/stored.h"
#include "server/store/sqlite/store_lock.h"
#include "server/tls_files.h"

namespace qpq {

namespace {

using namespace qpq::server;

AdminOutcome outcomeOf(Configured<AdminOutcome> tried) {
  if (!tried) return {2, "qpq-server: " + tried.error().what + "\n"};
  return *std::move(tried);
}

Configured<Secret<32>> keyThatIs(const Settings& settings, Random& random) {
  if (lacksDbKey(settings)) {
    return std::unexpected(
        ConfigError{std::format("the key of the store is not in {}: put it there, or name it", settings.dataDir)});
  }
  return TRY(databaseKey(settings, random)).key.clone();
}

StorePlace placeOf(const Settings& settings) { return {settings.dbPath, blobFolder(settings)}; }

std::string described(const Settings& settings) {
  std::string text = std::format("listen          {}\ndata_dir        {}\nstore           {}\n", settings.listen.text(),
                                 settings.dataDir, settings.dbPath);
  text += std::format("certificate     {}\n", settings.tlsCert);
  text += std::format("metrics_listen  {}\n", settings.metricsListen ? settings.metricsListen->text() : "nowhere");
  text += std::format("loops           {}\n", settings.loops);
  text += std::format("memory_max_mib  {}\n", settings.memoryMaxBytes >> 20);
  text += std::format("blob_quota      {} MiB for each account\n", settings.blobBytesMax / 1024 / 1024);
  text += std::format("registration    {}\n", kRegistrations[static_cast<std::size_t>(settings.registration)]);
  text += std::format("log             {}, {}\n", kLogFormats[static_cast<std::size_t>(settings.log.format)],
                      kLogLevels[static_cast<std::size_t>(settings.log.level)]);
  for (const std::string& note : settings.notes) text += "note: " + note + "\n";
  return text;
}

Configured<AdminOutcome> checkConfig(const Settings& settings, Random& random) {
  std::string text = described(settings);
  if (lacksDbKey(settings) && !std::filesystem::exists(settings.dbPath)) {
    text += "note: a random key of the store would be made\n";
  } else {
    TRY(keyThatIs(settings, random));
  }
  if (settings.makeCertificate && !std::filesystem::exists(settings.tlsCert)) {
    text += "note: a certificate would be made\n";
  } else {
    TRY(loadTls({settings.tlsCert, settings.tlsKey}));
  }
  return AdminOutcome{0, text + "this would run\n"};
}

// The store of a server that does not run, for as long as the job takes.
template <class Job>
AdminOutcome alone(const Settings& settings, Job job) {
  auto lock = store::sqlite::StoreLock::take(settings.dbPath);
  if (!lock) return {1, lock.error() + "\n"};
  return job();
}

Configured<AdminOutcome> verify(const Settings& settings, Random& random) {
  if (auto answered = askServer(settings.dataDir, "verify")) return *answered;
  Secret<32> key = TRY(keyThatIs(settings, random));
  return alone(settings, [&]() { return verifyStore(placeOf(settings), key, Beside::nobody); });
}

Configured<AdminOutcome> backup(const Settings& settings, const std::string& file, Random& random) {
  // The server stands in another folder than the operator.
  std::string path = std::filesystem::absolute(file).string();
  if (path.contains('\n')) return std::unexpected(ConfigError{"a request is one line: name a file without a newline"});
  if (auto answered = askServer(settings.dataDir, "backup " + path)) return *answered;
  Secret<32> key = TRY(keyThatIs(settings, random));
  return alone(settings, [&]() { return backUp(placeOf(settings), key, path, Beside::nobody); });
}

Configured<AdminOutcome> restoreFrom(const Flags& flags, const Settings& settings, Random& random) {
  Secret<32> key = TRY(keyThatIs(settings, random));
  auto replace = flags.force ? Replace::yes : Replace::no;
  return alone(settings,
               [&]() { return restore(flags.file, placeOf(settings), key, {replace, flags.refillWindowMs}, random); });
}

}  // namespace

AdminOutcome runCommand(const Flags& flags, const Settings& settings, Random& random) {
  switch (flags.command) {
    case Command::status:
      return askServer(settings.dataDir, flags.json ? "status json" : "status text")
          .value_or(AdminOutcome{1, std::format("no server answers in {}\n", settings.dataDir)});
    case Command::verify: return outcomeOf(verify(settings, random));
    case Command::backup: return outcomeOf(backup(settings, flags.file, random));
    case Command::restore: return outcomeOf(restoreFrom(flags, settings, random));
    case Command::checkConfig:
    case Command::serve: break;
  }
  return outcomeOf(checkConfig(settings, random));
}

}  // namespace qpq
