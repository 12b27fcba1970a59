#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace qpq::command {

// A JSON value: what commands take and give, and what crosses the profile's socket. Numbers are whole and signed
// 64-bit; ids and anything above 2^53 are strings, so that no JavaScript reader loses digits. The heavy header stays in
// value.cc.
class Value {
 public:
  using List = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;  // in the order written

  Value() = default;                     // null
  template <std::same_as<bool> Boolean>  // exactly: a pointer must not become true
  Value(Boolean boolean): data_(boolean) {}
  template <std::signed_integral Number>
  Value(Number number): data_(int64_t{number}) {}
  Value(std::string text): data_(std::move(text)) {}
  Value(std::string_view text): data_(std::string(text)) {}
  Value(const char* text): data_(std::string(text)) {}
  Value(List list): data_(std::move(list)) {}
  static Value object(std::initializer_list<Member> members = {}) {
    Value value;
    value.data_ = Object(members);
    return value;
  }
  static Value number(uint64_t number) { return Value(static_cast<int64_t>(number)); }

  bool isNull() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const int64_t* number() const { return std::get_if<int64_t>(&data_); }
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const List* list() const { return std::get_if<List>(&data_); }
  const Object* members() const { return std::get_if<Object>(&data_); }

  // Of an object; nullptr if it has no such member, or is no object.
  const Value* find(std::string_view key) const;
  // For values this program made itself: an empty text, zero, false or an empty list where there is none.
  std::string_view textAt(std::string_view key) const;
  int64_t numberAt(std::string_view key) const;
  bool flagAt(std::string_view key) const;
  const List& listAt(std::string_view key) const;
  void set(std::string key, Value value);  // of an object or null
  void push(Value value);                  // onto a list or null

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, std::string, List, Object> data_;
};

// One line, no spaces. Bytes that are not UTF-8 become U+FFFD.
std::string toJson(const Value& value);
// For people and files: indented by two.
std::string toPrettyJson(const Value& value);

// The sentence says where and what. Fractions, numbers beyond 64 bits, duplicate keys and depths above
// kJsonDepthMax are refused.
std::expected<Value, std::string> fromJson(std::string_view text);

inline constexpr int kJsonDepthMax = 32;

}  // namespace qpq::command
