#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "command/failure.h"
#include "command/value.h"

namespace qpq::command {

// What every subcommand understands.
struct CommonFlags {
  std::string profile;        // folder; empty: chosen from --username
  std::string server;         // HOST:PORT; empty: what the profile knows, else 127.0.0.1:7000
  std::string caCertificate;  // file, PEM or DER
  bool acceptNewServer = false;
  std::string username;
  std::string passwordFile;
  std::optional<int> passwordFd;
  std::optional<SecretBytes> password;  // from --password, which is wiped from argv; or QPQ_PASSWORD
  bool passwordOnCommandLine = false;
  bool passwordTyped = false;  // at a prompt, once
  std::string inviteFile;
  bool json = false;
};

// What the person asked for.
namespace ask {
struct Shown {  // help or version: already printed text
  std::string text;
};
struct Register {
  std::string name;
};
struct Login {
  std::string name;
};
struct Call {  // a command of the table
  std::string method;
  Value parameters;
};
struct Follow {};  // recv --follow
struct Repl {
  std::string conversation;
  bool registerNew = false;
};
}  // namespace ask

struct Invocation {
  CommonFlags flags;
  std::variant<ask::Shown, ask::Register, ask::Login, ask::Call, ask::Follow, ask::Repl> ask;
};

// Reads the command line; `argv` is overwritten where it holds a password. The subcommands are those of the table, and
// register-user, login, recv --follow, chat, repl.
Outcome<Invocation> parseCommandLine(int argc, char** argv);

}  // namespace qpq::command
