#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace qpq::server::store::sqlite {

// As many sentences are kept; more would be the same again.
inline constexpr std::size_t kFindingsMax = 100;

// What looking through a whole store came to. `damage` is for the operator's eyes: it names logs and accounts by id.
struct Findings {
  uint64_t accounts = 0;
  uint64_t devices = 0;
  uint64_t logs = 0;
  uint64_t entries = 0;
  uint64_t files = 0;
  std::vector<std::string> damage;
  uint64_t unsaid = 0;  // beyond kFindingsMax

  bool sound() const { return damage.empty(); }
  void add(std::string sentence) {
    if (damage.size() < kFindingsMax) {
      damage.push_back(std::move(sentence));
    } else {
      ++unsaid;
    }
  }
};

}  // namespace qpq::server::store::sqlite
