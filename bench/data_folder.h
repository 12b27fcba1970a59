#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace qpq::bench {

// Where the stores of one run lie: a folder of its own in the build folder this program stands in, for /tmp may be
// memory. Removed at the end with all it holds.
class DataFolder {
 public:
  explicit DataFolder(std::string_view bench);
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  ~DataFolder();

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // What a synced write means here, by statfs: "fsync", or "none" where the file system is memory.
  std::string_view durability() const;
  // Median time to write 4 KiB over what a file already holds and have it synced: the cheapest durable write there is,
  // since the file does not grow. No durable answer is faster.
  double syncUs(int times) const;
  // How fast a file of so many bytes is written and synced, in MiB/s. It is gone afterwards.
  double writeMiBs(uint64_t size) const;

 private:
  std::filesystem::path path_;
};

// The folder of this program, where the project's other programs lie, too.
std::filesystem::path programFolder();

}  // namespace qpq::bench
