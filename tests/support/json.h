#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace qpq::test {

// A parsed JSON value, read-only, for test data. Asking for something that is not there throws: in a test that is a
// failure with a name. The heavy header stays in json.cc.
class Json {
 public:
  static Json parse(std::string_view text);
  static Json parseFile(const std::string& path);

  Json operator[](std::string_view key) const;  // throws if absent
  Json at(std::size_t index) const;
  std::optional<Json> find(std::string_view key) const;  // nothing if absent or null
  bool isNull() const;
  bool isArray() const;
  bool isObject() const;
  std::size_t size() const;
  std::vector<Json> items() const;        // of an array
  std::vector<std::string> keys() const;  // of an object

  std::string string() const;
  uint64_t number() const;
  bool boolean() const;
  Bytes hex() const;  // a string of hex digits as bytes

 private:
  struct Node;
  explicit Json(std::shared_ptr<const Node> node);
  std::shared_ptr<const Node> node_;
};

}  // namespace qpq::test
