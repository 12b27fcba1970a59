#pragma once

#include <string>
#include <utility>

#include "client/error.h"

namespace qpq::client::files {

// An open file; closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number): number_(number) {}
  Descriptor(Descriptor&& other) noexcept: number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int get() const { return number_; }

 private:
  int number_;  // -1: none
};

// What the system has just said of this path (errno): diskFull, or fileUnusable.
Error systemFailure(const std::string& doing, const std::string& path);

}  // namespace qpq::client::files
