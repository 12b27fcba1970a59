#include "server/config.h"

#include <algorithm>
#include <array>
#include <format>
#include <numeric>
#include <span>
#include <vector>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.hpp>

#include "server/limits.h"

namespace qpq::server {

namespace {

std::unexpected<ConfigError> wrong(std::string what) { return std::unexpected(ConfigError{std::move(what)}); }

// Levenshtein distance: how many letters someone mistyped.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

constexpr std::array kKeys{"listen",       "data_dir",       "tls_cert",      "tls_key",
                           "db_path",      "db_key",         "db_key_file",   "allow_insecure_auth",
                           "registration", "metrics_listen", "log_format",    "log_level",
                           "loops",        "memory_max_mib", "blob_quota_mib"};

std::string_view closestKey(std::string_view unknown) {
  return *std::ranges::min_element(kKeys, {}, [&](std::string_view key) { return editDistance(key, unknown); });
}

std::string oneOf(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    out += std::format("{}\"{}\"", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  }
  return out;
}

// One key at a time, so that every message can name file, line and key.
class Keys {
 public:
  Keys(const toml::table& table, std::string_view file): table_(table), file_(file) {}

  Configured<void> noOthers() const {
    for (auto&& [key, node] : table_) {
      if (std::ranges::find(kKeys, key.str()) == kKeys.end()) {
        return wrong(std::format("{}:{}: unknown key \"{}\"; did you mean \"{}\"?", file_, key.source().begin.line,
                                 key.str(), closestKey(key.str())));
      }
    }
    return {};
  }
  Configured<void> text(std::string_view key, std::string& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_string();
    if (value == nullptr) return mistyped(*node, key, "a string in quotes");
    if (value->get().empty()) return wrong(std::format("{}: \"{}\" is empty; leave it out instead", at(*node), key));
    out = value->get();
    return {};
  }
  // Where empty has a meaning of its own.
  Configured<void> textOrEmpty(std::string_view key, std::optional<std::string>& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_string();
    if (value == nullptr) return mistyped(*node, key, "a string in quotes");
    out = value->get();
    return {};
  }
  Configured<void> flag(std::string_view key, bool& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_boolean();
    if (value == nullptr) return mistyped(*node, key, "true or false");
    out = value->get();
    return {};
  }
  Configured<void> number(std::string_view key, uint32_t most, uint32_t& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < 1 || value->get() > most) {
      return mistyped(*node, key, std::format("a number from 1 to {}", most));
    }
    out = static_cast<uint32_t>(value->get());
    return {};
  }
  // One of these words, whose places are the values of the enum.
  template <class Enum, std::size_t N>
  Configured<void> choice(std::string_view key, const std::array<std::string_view, N>& words, Enum& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_string();
    auto word = value == nullptr ? words.end() : std::ranges::find(words, value->get());
    if (word == words.end()) return mistyped(*node, key, oneOf(words));
    out = static_cast<Enum>(word - words.begin());
    return {};
  }
  Configured<void> secret(std::string_view key, std::optional<SecretBytes>& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_string();
    if (value == nullptr) return mistyped(*node, key, "a string in quotes");
    out = SecretBytes(asBytes(value->get()));
    return {};
  }
  std::string at(const toml::node& node) const { return std::format("{}:{}", file_, node.source().begin.line); }

 private:
  Configured<void> mistyped(const toml::node& node, std::string_view key, std::string_view expected) const {
    return wrong(std::format("{}: \"{}\" must be {}", at(node), key, expected));
  }
  const toml::table& table_;
  std::string_view file_;
};

Configured<void> readLog(const Keys& keys, LogOptions& out) {
  TRY(keys.choice("log_format", kLogFormats, out.format));
  return keys.choice("log_level", kLogLevels, out.level);
}

}  // namespace

Configured<Config> parseConfig(std::string_view toml, std::string_view fileName) {
  toml::parse_result parsed = toml::parse(toml, fileName);
  if (!parsed) {
    return wrong(std::format("{}:{}: {}", fileName, parsed.error().source().begin.line, parsed.error().description()));
  }
  Keys keys(parsed.table(), fileName);
  Config config;
  TRY(keys.noOthers());
  TRY(keys.text("listen", config.listen));
  TRY(keys.text("data_dir", config.dataDir));
  TRY(keys.text("tls_cert", config.tlsCert));
  TRY(keys.text("tls_key", config.tlsKey));
  TRY(keys.text("db_path", config.dbPath));
  TRY(keys.secret("db_key", config.dbKey));
  TRY(keys.text("db_key_file", config.dbKeyFile));
  TRY(keys.flag("allow_insecure_auth", config.allowInsecureAuth));
  TRY(keys.textOrEmpty("metrics_listen", config.metricsListen));
  TRY(readLog(keys, config.log));
  TRY(keys.choice("registration", kRegistrations, config.registration));
  TRY(keys.number("loops", kLoopsMax, config.loops));
  TRY(keys.number("memory_max_mib", kMemoryMaxMiBMax, config.memoryMaxMiB));
  TRY(keys.number("blob_quota_mib", kBlobQuotaMibMax, config.blobQuotaMib));
  return config;
}

}  // namespace qpq::server
