#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "command/failure.h"
#include "command/table.h"

namespace qpq::command {

// What a line of the REPL means.
namespace line {
struct Nothing {};
struct Message {
  std::string text;
};
struct Call {
  const Command* command;
  Value parameters;
};
struct Switch {
  std::string conversation;
};
struct Help {
  std::string topic;  // a command's word, or empty
};
struct Quit {};
}  // namespace line

using Line = std::variant<line::Nothing, line::Message, line::Call, line::Switch, line::Help, line::Quit>;

// A line beginning with one slash is a command; with two, a message that begins with one. `current` is the conversation
// a command means when it takes one: slash commands never name it.
Outcome<Line> parseLine(std::string_view line, std::string_view current);

// What the line up to the cursor may go on with: command words, then names.
struct Names {
  std::vector<std::string> users;          // "@bob"
  std::vector<std::string> conversations;  // "@bob", "#team"
};
std::vector<std::string> completions(std::string_view line, const Names& names);

std::string helpText(std::string_view topic);

}  // namespace qpq::command
