#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "support/json.h"

namespace qpq::test {

// One public vector file of QPQ_VECTORS (default ../shared/vectors), and the count of the cases a test verified in it.
// The count lands in QPQ_VECTOR_LEDGER when set, where `./dev test` checks that no listed file was left out.
//
//   auto file = VectorFile::open("wycheproof/x25519_test.json");
//   if (!file) return;                       // says so in one line
//   for (const Json& c : …) { …; file->verified(); }
class VectorFile {
 public:
  static std::optional<VectorFile> open(std::string_view name);
  VectorFile(VectorFile&&) noexcept;
  VectorFile& operator=(VectorFile&&) = delete;
  ~VectorFile();

  const Json& json() const { return json_; }
  void verified(std::size_t cases = 1) { cases_ += cases; }

 private:
  VectorFile(std::string name, Json json): name_(std::move(name)), json_(std::move(json)) {}
  std::string name_;
  Json json_;
  std::size_t cases_ = 0;
};

}  // namespace qpq::test
