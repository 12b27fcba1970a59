#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace qpq::server {

enum class LogFormat : uint8_t { logfmt, json };
enum class LogLevel : uint8_t { debug, info, warn, error };

// As they are written in a configuration, in the order of the values.
inline constexpr std::array<std::string_view, 2> kLogFormats{"logfmt", "json"};
inline constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warn", "error"};

struct LogOptions {
  LogFormat format = LogFormat::logfmt;
  LogLevel level = LogLevel::info;
};

}  // namespace qpq::server
