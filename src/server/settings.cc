#include "server/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <set>
#include <string_view>
#include <thread>

#include "crypto/argon2.h"
#include "server/limits.h"
#include "server/whole_file.h"

namespace qpq::server {

namespace {

// A key longer than this is not a key but the wrong file.
constexpr std::size_t kKeyFileSizeMax = 4'096;

std::unexpected<ConfigError> wrong(std::string what) { return std::unexpected(ConfigError{std::move(what)}); }

std::string inside(const std::string& dir, const char* name) { return (std::filesystem::path(dir) / name).string(); }

Configured<SecretBytes> readKeyFile(const std::string& path) {
  SecretBytes content = TRY(readWhole(path, "db_key_file", kKeyFileSizeMax));
  // An editor's newline is not part of the key.
  ByteView key = content.expose();
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key = key.first(key.size() - 1);
  if (key.empty()) return wrong(std::format("db_key_file {} is empty", path));
  return SecretBytes(key);
}

SecretBytes hexOf(const Secret<32>& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  SecretBytes hex(64);
  for (std::size_t i = 0; i < 32; ++i) {
    hex.writable()[2 * i] = static_cast<uint8_t>(kDigits[key.expose()[i] >> 4]);
    hex.writable()[2 * i + 1] = static_cast<uint8_t>(kDigits[key.expose()[i] & 15]);
  }
  return hex;
}

std::optional<uint8_t> digitOf(uint8_t character) {
  if (character >= '0' && character <= '9') return static_cast<uint8_t>(character - '0');
  uint8_t lower = character | 0x20;
  if (lower >= 'a' && lower <= 'f') return static_cast<uint8_t>(lower - 'a' + 10);
  return std::nullopt;
}

std::optional<Secret<32>> fromHexDigits(const SecretBytes& text) {
  if (text.size() != 64) return std::nullopt;
  Secret<32> key;
  for (std::size_t i = 0; i < 32; ++i) {
    auto high = digitOf(text.expose()[2 * i]);
    auto low = digitOf(text.expose()[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    key.writable()[i] = static_cast<uint8_t>(*high << 4 | *low);
  }
  return key;
}

Configured<Secret<32>> storeKey(const SecretBytes& given) {
  if (auto key = fromHexDigits(given)) return *std::move(key);
  // The salt is fixed: there is nowhere to keep one that the key does not open. Guessing costs the same for each store.
  constexpr std::string_view kSalt = "qpq-server store";
  auto stretched = crypto::argon2id(given.expose(), asBytes(kSalt), crypto::kArgon2CostMin, 32);
  if (!stretched) return wrong("the database key cannot be stretched: is there less than 64 MiB of memory?");
  return Secret<32>(stretched->expose().first<32>());
}

Configured<SecretBytes> makeKeyFile(const std::string& path, Random& random) {
  SecretBytes hex = hexOf(random.secret<32>());
  TRY(writeWhole(path, hex.expose()));
  return hex;
}

bool isLoopback(const quic::SocketAddress& address) {
  if (address.family == quic::SocketAddress::Family::ipv4) return address.host[0] == 127;
  ByteArray<16> loopback{};
  loopback.back() = 1;
  return address.host == loopback;
}

Configured<void> settleMetrics(const Config& config, Settings& out) {
  out.metricsListenIsDefault = !config.metricsListen;
  std::string address = config.metricsListen.value_or(std::string(kMetricsListenDefault));
  if (address.empty()) return {};
  out.metricsListen = quic::SocketAddress::parse(address);
  if (!out.metricsListen) {
    return wrong(std::format("metrics_listen \"{}\" is no address and port such as {}; empty for none", address,
                             kMetricsListenDefault));
  }
  if (!isLoopback(*out.metricsListen)) {
    out.notes.push_back(std::format("metrics_listen {}: whoever reaches it reads how busy this server is", address));
  }
  return {};
}

Configured<void> settleCertificate(const Config& config, const Environment& environment, Settings& out) {
  if (config.tlsCert.empty() != config.tlsKey.empty()) {
    return wrong("tls_cert and tls_key come together: one of them is missing");
  }
  out.makeCertificate = config.tlsCert.empty();
  if (out.makeCertificate && environment.production) {
    return wrong("QPQ_PRODUCTION is set: name tls_cert and tls_key; a self-made certificate is for trying out");
  }
  out.tlsCert = out.makeCertificate ? inside(config.dataDir, "server-cert.pem") : config.tlsCert;
  out.tlsKey = out.makeCertificate ? inside(config.dataDir, "server-key.pem") : config.tlsKey;
  return {};
}

Configured<void> settleKey(Config& config, const Environment& environment, Settings& out) {
  if (config.dbKey && config.dbKey->empty()) {
    return wrong("db_key is empty: leave it out and a random one is made, or name a db_key_file");
  }
  if (config.dbKey && !config.dbKeyFile.empty())
    return wrong("db_key and db_key_file are both given: which one is it?");
  out.dbKeyFile = config.dbKeyFile;
  if (!config.dbKey && out.dbKeyFile.empty() && environment.credentialDir) {
    std::string credential = inside(*environment.credentialDir, "qpq-db-key");
    if (std::filesystem::exists(credential)) out.dbKeyFile = credential;
  }
  out.makeDbKey = !config.dbKey && out.dbKeyFile.empty();
  if (out.makeDbKey && environment.production) {
    return wrong(
        "QPQ_PRODUCTION is set: name a db_key_file or the systemd credential qpq-db-key; "
        "a key that lies beside the database protects nothing");
  }
  out.dbKey = std::move(config.dbKey);
  return {};
}

}  // namespace

Configured<Settings> settle(Config config, const Environment& environment) {
  Settings settings{};
  auto listen = quic::SocketAddress::parse(config.listen);
  if (!listen) {
    return wrong(std::format("listen \"{}\" is no address and port such as 0.0.0.0:7000 or [::]:7000", config.listen));
  }
  settings.listen = *listen;
  settings.dataDir = config.dataDir;
  settings.registration = config.registration;
  uint32_t loops = config.loops != 0 ? config.loops : environment.cores;
  if (loops > kLoopsMax && config.loops != 0) return wrong(std::format("loops is at most {}", kLoopsMax));
  settings.loops = static_cast<uint8_t>(std::clamp<uint32_t>(loops, 1, kLoopsMax));
  if (config.memoryMaxMiB != 0 && config.memoryMaxMiB < kMemoryMaxMiBMin) {
    return wrong(std::format("memory_max_mib is at least {}", kMemoryMaxMiBMin));
  }
  constexpr uint64_t kMiB = 1 << 20;
  settings.memoryMaxBytes = config.memoryMaxMiB != 0
                                ? config.memoryMaxMiB * kMiB
                                : std::max(environment.memoryBytes / 4 * 3, kMemoryMaxMiBMin * kMiB);
  settings.blobBytesMax = uint64_t{config.blobQuotaMib} * 1024 * 1024;
  settings.log = config.log;
  settings.weakKsf = config.allowInsecureAuth;
  if (settings.weakKsf && environment.production) {
    return wrong("QPQ_PRODUCTION is set: allow_insecure_auth is for tests");
  }
  if (settings.weakKsf && !isLoopback(settings.listen)) {
    return wrong(
        std::format("allow_insecure_auth needs a loopback listener such as 127.0.0.1:7000, not {}: passwords "
                    "registered under it are guessed in seconds",
                    settings.listen.text()));
  }
  if (settings.weakKsf) settings.notes.push_back("allow_insecure_auth: passwords are hashed weakly; for tests only");
  TRY(settleMetrics(config, settings));
  TRY(settleCertificate(config, environment, settings));
  TRY(settleKey(config, environment, settings));
  settings.dbPath = config.dbPath.empty() ? inside(config.dataDir, "qpq.db") : config.dbPath;
  return settings;
}

namespace {

uint64_t memoryOfThisMachine() {
  uint64_t bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // cgroups(7), version 2: our group's limit, if we see one.
  std::ifstream own("/proc/self/cgroup");
  for (std::string line; std::getline(own, line);) {
    if (!line.starts_with("0::")) continue;
    uint64_t limit = 0;
    if (std::ifstream("/sys/fs/cgroup" + line.substr(3) + "/memory.max") >> limit) bytes = std::min(bytes, limit);
  }
  return bytes;
}

}  // namespace

Environment Environment::ofProcess() {
  const char* production = std::getenv("QPQ_PRODUCTION");
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  Environment environment;
  // Whoever sets it at all and does not clearly say no means it.
  environment.production = production != nullptr && !std::set<std::string_view>{"", "0", "false"}.contains(production);
  if (credentials != nullptr) environment.credentialDir = credentials;
  environment.cores = std::thread::hardware_concurrency();
  environment.memoryBytes = memoryOfThisMachine();
  return environment;
}

bool lacksDbKey(const Settings& settings) {
  return settings.makeDbKey && !std::filesystem::exists(inside(settings.dataDir, "db.key"));
}

Configured<DatabaseKey> databaseKey(const Settings& settings, Random& random) {
  if (settings.dbKey) return DatabaseKey{TRY(storeKey(*settings.dbKey)), {}};
  if (!settings.makeDbKey) return DatabaseKey{TRY(storeKey(TRY(readKeyFile(settings.dbKeyFile)))), {}};
  std::string path = inside(settings.dataDir, "db.key");
  if (std::filesystem::exists(path)) return DatabaseKey{TRY(storeKey(TRY(readKeyFile(path)))), {}};
  // A new key beside an old database would only hide that the right one is lost.
  if (std::filesystem::exists(settings.dbPath)) {
    return wrong(std::format("{} is there but its key {} is not: put the key back", settings.dbPath, path));
  }
  SecretBytes key = TRY(makeKeyFile(path, random));
  std::string note = std::format(
      "made a random database key in {}: whoever has both that file and the database can "
      "read names, keys and rosters; whoever loses it loses the server",
      path);
  return DatabaseKey{TRY(storeKey(key)), {std::move(note)}};
}

}  // namespace qpq::server
