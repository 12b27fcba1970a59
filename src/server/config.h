#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/try.h"
#include "server/limits.h"
#include "server/observe/log_options.h"
#include "server/registration_policy.h"

namespace qpq::server {

// A sentence for the operator: what is wrong, where, and what would be right.
struct ConfigError {
  std::string what;
};
template <class T>
using Configured = std::expected<T, ConfigError>;

// Where metrics are shown when nothing else is said: this machine alone, at the port the original project used.
inline constexpr std::string_view kMetricsListenDefault = "127.0.0.1:9090";

struct Config {
  std::string listen = "0.0.0.0:7000";
  std::string dataDir = "data";
  std::string tlsCert;  // empty: data_dir/server-cert.pem, made at the first start
  std::string tlsKey;
  std::string dbPath;  // empty: data_dir/qpq.db
  std::optional<SecretBytes> dbKey;
  std::string dbKeyFile;
  bool allowInsecureAuth = false;
  Registration registration = Registration::open;
  uint32_t loops = 0;                     // 0: one per core
  uint32_t memoryMaxMiB = 0;              // 0: three quarters of what there is
  uint32_t blobQuotaMib = kBlobQuotaMib;  // of one account
  LogOptions log;
  std::optional<std::string> metricsListen;  // nothing: kMetricsListenDefault if it is free; empty: nowhere
};

// The TOML file. Unknown keys and wrong types are errors that name the line; an unknown key names the closest known
// one.
Configured<Config> parseConfig(std::string_view toml, std::string_view fileName);

}  // namespace qpq::server
