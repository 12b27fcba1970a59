// Runs a fuzz target over inputs that are kept, in a build without sanitizers: what they cost is what they cost. Beyond
// its limit the target ends the program.
//
//   replay_NAME FILE-OR-FOLDER…
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <print>
#include <vector>

#include "cost.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  double before = qpq::fuzz::dearestMs;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (qpq::fuzz::dearestMs > before) std::println("{:8.1f} ms {}", qpq::fuzz::dearestMs, path.filename().string());
}

}  // namespace

int main(int count, char** words) {
  std::size_t inputs = 0;
  for (int i = 1; i < count; ++i) {
    if (!fs::is_directory(words[i])) {
      replay(words[i]);
      ++inputs;
      continue;
    }
    for (const auto& entry : fs::directory_iterator(words[i])) {
      replay(entry.path());
      ++inputs;
    }
  }
  std::println("{} inputs, the dearest step {:.1f} ms", inputs, qpq::fuzz::dearestMs);
  return inputs > 0 ? 0 : 2;
}
