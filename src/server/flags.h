#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "server/config.h"
#include "server/limits.h"

namespace qpq::server {

// What the program is asked to do.
enum class Command : uint8_t { serve, checkConfig, status, verify, backup, restore, invite, invites };

// The command line. A flag given wins over the file.
struct Flags {
  Command command = Command::serve;
  std::string file;    // of backup and restore
  bool json = false;   // of status and invites
  bool force = false;  // of restore
  uint64_t refillWindowMs = kRefillWindowMs;
  uint32_t inviteUses = kInviteUses;
  uint32_t inviteDays = kInviteDays;
  std::string revoke;  // of invite: the prefix of the one that is to go; empty: one is to be made
  std::string config;  // empty: no file
  std::optional<std::string> listen, dataDir, tlsCert, tlsKey, dbPath, dbKey, dbKeyFile, metricsListen;
  std::optional<LogFormat> logFormat;
  std::optional<LogLevel> logLevel;
  std::optional<uint32_t> loops, memoryMaxMiB, blobQuotaMib;
  bool allowInsecureAuth = false;
};

// Nothing to start: --help, --version or a mistake. `text` goes to standard output for code 0, else to standard error.
struct Exit {
  int code;
  std::string text;
};

std::expected<Flags, Exit> parseFlags(int count, const char* const* words, const std::string& version);

// The file's configuration (or the defaults) with the flags laid over it.
Config overlay(Config config, const Flags& flags);

}  // namespace qpq::server
