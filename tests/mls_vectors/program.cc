#include "mls_vectors/program.h"

#include <exception>
#include <filesystem>
#include <optional>

#include "mls_vectors/formats.h"
#include "support/json.h"

namespace qpq::mls::vectors {
namespace {

struct Count {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

std::optional<test::Json> parsed(const std::string& file, std::ostream& err) {
  try {
    return test::Json::parseFile(file);
  } catch (const std::exception& unreadable) {
    err << file << ": " << unreadable.what() << '\n';
    return std::nullopt;
  }
}

Count verify(const Format& format, const test::Json& json, const std::string& name, std::ostream& err) {
  Count count;
  for (const test::Json& vector : json.items()) {
    auto wrong = whatIsWrong(format, vector);
    if (wrong) err << name << ": case " << count.passed + count.failed << ": " << *wrong << '\n';
    ++(wrong ? count.failed : count.passed);
  }
  return count;
}

}  // namespace

int run(std::span<const std::string> files, std::ostream& out, std::ostream& err) {
  if (files.empty()) {
    err << "usage: mls-vectors FILE…   verifies test vectors of MLS (RFC 9420) in the working group's formats\n";
    return 2;
  }
  Count sum;
  bool allKnown = true;
  for (const std::string& file : files) {
    auto json = parsed(file, err);
    const Format* format = json ? recognise(*json) : nullptr;
    if (format == nullptr) {
      if (json) err << file << ": none of the known vector formats\n";
      allKnown = false;
      continue;
    }
    std::string name = std::filesystem::path(file).filename().string();
    Count count = verify(*format, *json, name, err);
    out << name << ": " << count.passed << " passed, " << count.failed << " failed" << std::endl;
    sum.passed += count.passed;
    sum.failed += count.failed;
  }
  out << sum.passed << " passed, " << sum.failed << " failed" << std::endl;
  return !allKnown ? 2 : sum.failed > 0 ? 1 : 0;
}

}  // namespace qpq::mls::vectors
