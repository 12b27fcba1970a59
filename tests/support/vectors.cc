#include "support/vectors.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

namespace qpq::test {

namespace {

std::filesystem::path vectorFolder() {
  const char* set = std::getenv("QPQ_VECTORS");
  return set != nullptr && *set != '\0' ? set : "../shared/vectors";
}

}  // namespace

std::optional<VectorFile> VectorFile::open(std::string_view name) {
  auto path = vectorFolder() / name;
  if (!std::filesystem::exists(path)) {
    std::cerr << "vectors: no " << path.string() << ", its cases are not run (set QPQ_VECTORS)\n";
    return std::nullopt;
  }
  return VectorFile(std::string(name), Json::parseFile(path.string()));
}

VectorFile::VectorFile(VectorFile&& other) noexcept
    : name_(std::move(other.name_)), json_(std::move(other.json_)), cases_(std::exchange(other.cases_, 0)) {
  other.name_.clear();
}

VectorFile::~VectorFile() {
  const char* ledger = std::getenv("QPQ_VECTOR_LEDGER");
  if (name_.empty() || ledger == nullptr || cases_ == 0 || std::uncaught_exceptions() > 0) return;
  std::string entry = name_;
  std::ranges::replace(entry, '/', '+');
  std::ofstream(std::filesystem::path(ledger) / entry, std::ios::app) << cases_ << '\n';
}

}  // namespace qpq::test
