#include "command/table.h"

#include <algorithm>
#include <filesystem>

namespace qpq::command {

namespace {

constexpr int64_t kNumberMax = int64_t{1} << 31;

std::string_view nameOf(Type type) {
  switch (type) {
    case Type::text: return "a text";
    case Type::number: return "a whole number from 0 to 2147483648";
    case Type::user: return "a user name";
    case Type::users: return "a list of user names";
    case Type::message: return "a message (the first digits of its id, or the name of its file)";
    case Type::path: return "an absolute path";
    case Type::flag: return "true or false";
    case Type::conversation: return "a conversation (@user, #group or the first digits of its id)";
  }
  return {};
}

bool fits(Type type, const Value& value) {
  switch (type) {
    case Type::text:
    case Type::user:
    case Type::message:
    case Type::conversation: return value.text() != nullptr && (type == Type::text || !value.text()->empty());
    case Type::path: return value.text() != nullptr && value.text()->starts_with('/');
    case Type::flag: return value.boolean() != nullptr;
    case Type::number: return value.number() != nullptr && *value.number() >= 0 && *value.number() <= kNumberMax;
    case Type::users:
      return value.list() != nullptr && !value.list()->empty() &&
             std::ranges::all_of(*value.list(), [](const Value& item) { return fits(Type::user, item); });
  }
  return false;
}

// Letters left out, put in, mistaken, or swapped with their neighbour.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t mistaken = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, mistaken});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

Outcome<Arguments> Arguments::check(std::span<const Parameter> parameters, Value given) {
  if (given.isNull()) given = Value::object();
  if (given.members() == nullptr) return std::unexpected(usageFailure("parameters are an object with names"));
  for (const auto& [name, value] : *given.members()) {
    auto known = std::ranges::find(parameters, name, &Parameter::name);
    if (known == parameters.end()) return std::unexpected(usageFailure("there is no parameter \"" + name + "\""));
    if (!fits(known->type, value)) {
      return std::unexpected(usageFailure("\"" + name + "\" takes " + std::string(nameOf(known->type))));
    }
  }
  for (const Parameter& parameter : parameters) {
    if (parameter.need == Parameter::Need::required && given.find(parameter.name) == nullptr) {
      return std::unexpected(
          usageFailure("\"" + std::string(parameter.name) + "\" is missing: " + std::string(parameter.help)));
    }
  }
  return Arguments(std::move(given));
}

std::optional<uint32_t> Arguments::number(std::string_view name) const {
  const Value* value = given_.find(name);
  if (value == nullptr) return std::nullopt;
  return static_cast<uint32_t>(*value->number());
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  std::vector<std::string> all;
  for (const Value& value : given_.listAt(name)) all.push_back(*value.text());
  return all;
}

std::string absolutePath(std::string_view written) {
  std::error_code ignored;
  std::filesystem::path path = std::filesystem::current_path(ignored) / written;
  // Behind a link, ".." is not the folder before it.
  bool climbs = std::ranges::find(path, "..") != path.end();
  return climbs ? path.string() : path.lexically_normal().string();
}

const Command* findCommand(std::string_view name) {
  auto found = std::ranges::find(commandTable(), name, &Command::name);
  return found == commandTable().end() ? nullptr : &*found;
}

const Command* findSlash(std::string_view word) {
  for (const Command& command : commandTable()) {
    if (std::ranges::find(command.slash, word) != command.slash.end()) return &command;
  }
  return nullptr;
}

std::vector<std::string> similar(std::string_view word, std::span<const std::string> known) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& candidate : known) {
    std::size_t distance = editDistance(word, candidate);
    if (distance <= std::max<std::size_t>(1, word.size() / 3)) near.emplace_back(distance, candidate);
  }
  std::ranges::sort(near);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, near.size()); ++i) words.push_back(near[i].second);
  return words;
}

}  // namespace qpq::command
