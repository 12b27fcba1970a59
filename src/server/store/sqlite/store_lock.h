#pragma once

#include <expected>
#include <string>

namespace qpq::server::store::sqlite {

// One server per store: what a server keeps in memory (who follows, what is being written) would be wrong beside a
// second one. Held while this object lives, and given up by the system when the process dies, however it dies.
class StoreLock {
 public:
  // By PATH.lock. The sentence says what is in the way.
  static std::expected<StoreLock, std::string> take(const std::string& path);

  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int fd): fd_(fd) {}
  int fd_;
};

}  // namespace qpq::server::store::sqlite
