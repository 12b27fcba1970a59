#include "command/repl/slash.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/try.h"

namespace qpq::command {

namespace {

struct Own {
  std::string_view word;
  std::string_view usage;
  std::string_view summary;
};
// What only makes sense inside the REPL; everything else is in the table.
constexpr Own kOwn[] = {
    {"switch", "/switch @user | #group", "write to another conversation"},
    {"help", "/help [COMMAND]", "this list, or more about one command"},
    {"quit", "/quit", "leave"},
};

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the first word off the front.
std::string_view nextWord(std::string_view& rest) {
  rest = trim(rest);
  std::size_t end = std::min(rest.find(' '), rest.size());
  std::string_view word = rest.substr(0, end);
  rest = trim(rest.substr(end));
  return word;
}

std::vector<std::string> allWords() {
  std::vector<std::string> words;
  for (const Command& command : commandTable()) {
    for (std::string_view word : command.slash) words.emplace_back(word);
  }
  for (const Own& own : kOwn) words.emplace_back(own.word);
  return words;
}

Outcome<Value> numberOf(const Parameter& parameter, std::string_view word) {
  int64_t number = 0;
  auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (problem != std::errc() || end != word.data() + word.size()) {
    return std::unexpected(usageFailure("\"" + std::string(parameter.name) + "\" takes a whole number"));
  }
  return Value(number);
}

// No shell has looked at it: `~` is the home, and nothing the folder this program runs in.
std::string pathFrom(std::string_view written) {
  const char* home = std::getenv("HOME");
  if (home != nullptr && (written == "~" || written.starts_with("~/"))) return home + std::string(written.substr(1));
  return absolutePath(written);
}

Outcome<Value> parametersFrom(const Command& command, std::string_view rest, std::string_view current) {
  Value parameters = Value::object();
  for (const Parameter& parameter : command.parameters) {
    std::string name(parameter.name);
    if (parameter.type == Type::conversation) {
      if (current.empty()) {
        return std::unexpected(
            usageFailure("no conversation is open", "/switch to one, or start one: /dm NAME, /create-group TITLE"));
      }
      parameters.set(name, current);
    } else if (parameter.type == Type::path) {
      if (rest.empty() && parameter.need == Parameter::Need::required) continue;
      parameters.set(name, pathFrom(std::exchange(rest, {})));
    } else if (parameter.type == Type::flag) {
      std::string_view behind = rest;
      if (nextWord(behind) != "--" + name) continue;
      rest = behind;
      parameters.set(name, true);
    } else if (rest.empty()) {
      continue;  // what is missing is named by Arguments::check
    } else if (parameter.type == Type::text) {
      parameters.set(name, std::exchange(rest, {}));
    } else if (parameter.type == Type::number) {
      parameters.set(name, TRY(numberOf(parameter, nextWord(rest))));
    } else if (parameter.type == Type::users) {
      Value users{Value::List()};
      while (!rest.empty()) users.push(nextWord(rest));
      parameters.set(name, users);
    } else {
      parameters.set(name, nextWord(rest));
    }
  }
  if (!rest.empty())
    return std::unexpected(
        usageFailure("\"" + std::string(rest) + "\" is too much for /" + std::string(command.slash[0])));
  return parameters;
}

std::string usageOf(const Command& command) {
  std::string usage = "/" + std::string(command.slash[0]);
  for (const Parameter& parameter : command.parameters) {
    if (parameter.type == Type::conversation) continue;
    std::string word(parameter.name);
    if (parameter.type == Type::flag) {
      usage += " [--" + word + "]";
      continue;
    }
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    usage += parameter.need == Parameter::Need::required ? " " + word : " [" + word + "]";
  }
  return usage;
}

}  // namespace

Outcome<Line> parseLine(std::string_view line, std::string_view current) {
  if (trim(line).empty()) return line::Nothing{};
  if (line.starts_with("//")) return line::Message{std::string(line.substr(1))};
  if (!line.starts_with('/')) return line::Message{std::string(line)};
  std::string_view rest = line.substr(1);
  std::string_view word = nextWord(rest);
  if (word == "switch") {
    if (rest.empty()) return std::unexpected(usageFailure("/switch to which conversation?", "/list shows them"));
    return line::Switch{std::string(rest)};
  }
  if (word == "help") return line::Help{std::string(rest)};
  if (word == "quit" || word == "exit") return line::Quit{};
  const Command* command = findSlash(word);
  if (command == nullptr) {
    std::string hint = "/help lists the commands; a message that begins with a slash is written with two";
    std::vector<std::string> near = similar(word, allWords());
    if (!near.empty()) hint = "did you mean /" + near[0] + "?";
    return std::unexpected(usageFailure("there is no command /" + std::string(word), hint));
  }
  return line::Call{command, TRY(parametersFrom(*command, rest, current))};
}

std::vector<std::string> completions(std::string_view line, const Names& names) {
  std::size_t space = line.rfind(' ');
  std::string_view word = space == std::string_view::npos ? line : line.substr(space + 1);
  std::vector<std::string> known;
  if (space == std::string_view::npos && word.starts_with('/')) {
    for (const std::string& command : allWords()) known.push_back("/" + command);
  } else if (line.starts_with("/switch ")) {
    known = names.conversations;
  } else if (word.starts_with('@') || line.starts_with("/dm ") || line.starts_with("/invite ") ||
             line.starts_with("/remove ")) {
    known = names.users;
  }
  std::erase_if(known, [&](const std::string& candidate) {
    std::string_view bare = candidate;
    if (!word.starts_with('@') && bare.starts_with('@')) bare.remove_prefix(1);
    return !bare.starts_with(word);
  });
  std::ranges::sort(known);
  return known;
}

std::string helpText(std::string_view topic) {
  if (topic.starts_with('/')) topic.remove_prefix(1);
  if (const Command* command = findSlash(topic); command != nullptr) {
    std::string text = usageOf(*command) + "\n  " + std::string(command->summary);
    for (const Parameter& parameter : command->parameters) {
      if (parameter.type == Type::conversation) continue;
      text += "\n  " + std::string(parameter.name) + ": " + std::string(parameter.help);
    }
    for (std::size_t i = 1; i < command->slash.size(); ++i) text += "\n  also /" + std::string(command->slash[i]);
    return text;
  }
  constexpr std::size_t kColumn = 30;
  std::string text;
  auto row = [&](std::string usage, std::string_view summary) {
    usage.resize(std::max(kColumn, usage.size() + 2), ' ');
    text += (text.empty() ? "" : "\n") + usage + std::string(summary);
  };
  for (const Command& command : commandTable()) {
    if (!command.slash.empty()) row(usageOf(command), command.summary);
  }
  for (const Own& own : kOwn) row(std::string(own.usage), own.summary);
  return text;
}

}  // namespace qpq::command
