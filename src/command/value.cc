#include "command/value.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace qpq::command {

namespace {

using Json = nlohmann::ordered_json;

Json toTree(const Value& value) {
  if (const bool* boolean = value.boolean()) return *boolean;
  if (const int64_t* number = value.number()) return *number;
  if (const std::string* text = value.text()) return *text;
  if (const Value::List* list = value.list()) {
    Json tree = Json::array();
    for (const Value& item : *list) tree.push_back(toTree(item));
    return tree;
  }
  if (const Value::Object* members = value.members()) {
    Json tree = Json::object();
    for (const auto& [key, member] : *members) tree[key] = toTree(member);
    return tree;
  }
  return nullptr;
}

// Builds a Value from the parser's events, so that what is refused is refused before it takes memory.
class Builder {
 public:
  bool null() { return add({}); }
  bool boolean(bool value) { return add(Value(value)); }
  bool number_integer(int64_t value) { return add(Value(value)); }
  bool number_unsigned(uint64_t value) {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return fail("a number is too large");
    return add(Value(static_cast<int64_t>(value)));
  }
  bool number_float(double, const std::string&) { return fail("numbers are whole and fit 64 bits"); }
  bool string(std::string& value) { return add(Value(std::move(value))); }
  bool binary(Json::binary_t&) { return fail("binary is not JSON"); }
  bool start_object(std::size_t) { return open(Value::object()); }
  bool key(std::string& value) {
    if (stack_.back().find(value) != nullptr) return fail("the key \"" + value + "\" stands twice");
    keys_.back() = std::move(value);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Value(Value::List())); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    return fail("not JSON at byte " + std::to_string(position));
  }

  std::expected<Value, std::string> result() && {
    if (!problem_.empty()) return std::unexpected(problem_);
    return std::move(root_);
  }

 private:
  bool fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }
  bool open(Value container) {
    if (stack_.size() >= static_cast<std::size_t>(kJsonDepthMax)) return fail("nested too deeply");
    stack_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Value done = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    return add(std::move(done));
  }
  bool add(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().list() != nullptr) {
      stack_.back().push(std::move(value));
    } else {
      stack_.back().set(keys_.back(), std::move(value));
    }
    return true;
  }

  std::vector<Value> stack_;
  std::vector<std::string> keys_;  // the member being read, per open container
  Value root_;
  std::string problem_;
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  if (const Object* object = members()) {
    for (const auto& [name, value] : *object) {
      if (name == key) return &value;
    }
  }
  return nullptr;
}

std::string_view Value::textAt(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->text() != nullptr ? std::string_view(*value->text()) : std::string_view();
}

int64_t Value::numberAt(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->number() != nullptr ? *value->number() : 0;
}

bool Value::flagAt(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && value->boolean() != nullptr && *value->boolean();
}

const Value::List& Value::listAt(std::string_view key) const {
  static const List kNone;
  const Value* value = find(key);
  return value != nullptr && value->list() != nullptr ? *value->list() : kNone;
}

void Value::set(std::string key, Value value) {
  if (isNull()) data_ = Object();
  for (auto& [name, member] : std::get<Object>(data_)) {
    if (name == key) {
      member = std::move(value);
      return;
    }
  }
  std::get<Object>(data_).emplace_back(std::move(key), std::move(value));
}

void Value::push(Value value) {
  if (isNull()) data_ = List();
  std::get<List>(data_).push_back(std::move(value));
}

std::string toJson(const Value& value) {
  return toTree(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string toPrettyJson(const Value& value) {
  return toTree(value).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::expected<Value, std::string> fromJson(std::string_view text) {
  Builder builder;
  Json::sax_parse(text, &builder);
  return std::move(builder).result();
}

}  // namespace qpq::command
