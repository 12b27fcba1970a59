#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/try.h"

namespace qpq::server {

// A sentence for the operator: what is wrong, where, and what would be right.
struct ConfigError {
  std::string what;
};
template <class T>
using Configured = std::expected<T, ConfigError>;

enum class Registration { open, closed };

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
  uint32_t loops = 0;  // 0: one per core
};

// The TOML file. Unknown keys and wrong types are errors that name the line; an unknown key names the closest known
// one.
Configured<Config> parseConfig(std::string_view toml, std::string_view fileName);

}  // namespace qpq::server
