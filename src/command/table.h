#pragma once

#include <kj/async.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/client.h"
#include "command/failure.h"
#include "command/value.h"

// The one table everything a person or program can say comes out of: CLI subcommands, slash commands with completion,
// JSON-RPC methods, help.
namespace qpq::command {

enum class Type {
  text,          // a string; as the last parameter of a slash command: the rest of the line
  number,        // 0 to 2^31
  user,          // a user name, with or without @
  users,         // one or more
  message,       // the first digits of its id; of one that brings a file also the file's name
  path,          // on this machine, absolute: faces make it so. One left out is the folder the face runs in
  flag,          // true, or left out
  conversation,  // @user, #group, or the first digits of its id; a slash command takes the current one
};

struct Parameter {
  std::string_view name;
  Type type;
  enum class Need { required, optional } need;
  std::string_view help;
};

// What a command runs on, and what it was given: every parameter checked against its type, none unknown.
class Arguments {
 public:
  // The sentence names the parameter and what it takes.
  static Outcome<Arguments> check(std::span<const Parameter> parameters, Value given);

  std::string text(std::string_view name) const { return std::string(given_.textAt(name)); }
  std::optional<uint32_t> number(std::string_view name) const;
  bool flag(std::string_view name) const { return given_.flagAt(name); }
  std::vector<std::string> texts(std::string_view name) const;
  bool has(std::string_view name) const { return given_.find(name) != nullptr; }

 private:
  explicit Arguments(Value given): given_(std::move(given)) {}
  Value given_;
};

struct Command {
  std::string_view name;                // CLI subcommand and JSON-RPC method
  std::vector<std::string_view> slash;  // without the slash; empty: not in the REPL
  std::string_view summary;
  std::vector<Parameter> parameters;
  kj::Promise<Outcome<Value>> (*run)(client::Client& client, Arguments arguments);
  std::string (*show)(const Value& result);  // the result for people; safe for a terminal
  // Slow: it may take minutes, and events say how far it is. A terminal is not held up by it.
  enum class Pace { quick, slow } pace = Pace::quick;
};

// What a person writes for a place on this machine, as a command takes it: from the folder this program runs in, which
// is also what nothing means.
std::string absolutePath(std::string_view written);

const std::vector<Command>& commandTable();
const Command* findCommand(std::string_view name);
const Command* findSlash(std::string_view word);  // without the slash

// Known words closest to `word`, for "did you mean": at most three, none further than a third of its letters.
std::vector<std::string> similar(std::string_view word, std::span<const std::string> known);

}  // namespace qpq::command
