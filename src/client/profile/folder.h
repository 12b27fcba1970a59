#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "client/error.h"

namespace qpq::client::profile {

// The folder of one profile, held by this process alone as long as the object lives: 0700, with a file `lock` that is
// locked (flock) and never deleted, so that nobody can lock a file that is gone.
class Folder {
 public:
  // Made if absent. profileLocked: another process holds it; profileCorrupt: it cannot be used (what the system says).
  static Result<Folder> open(const std::string& path);
  Folder(Folder&& other) noexcept;
  Folder& operator=(Folder&&) = delete;
  ~Folder();

  std::string keySlotPath() const { return path_ + "/key.slot"; }
  std::string databasePath() const { return path_ + "/profile.db"; }

  bool holds(const std::string& path) const;
  // The whole file; nothing if it is not there. profileCorrupt if it cannot be read or is above `sizeMax`.
  Result<std::optional<Bytes>> read(const std::string& path, std::size_t sizeMax) const;
  // All or nothing, and durable on return: a file beside it is written (0600), synced and renamed into its place.
  Result<void> replace(const std::string& path, ByteView content) const;

 private:
  Folder(std::string path, int lock): path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;  // the descriptor that holds the lock; -1 when moved from
};

}  // namespace qpq::client::profile
