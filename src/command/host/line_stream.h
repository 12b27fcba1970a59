#pragma once

#include <kj/async-io.h>

#include <expected>
#include <optional>
#include <string>

namespace qpq::command {

// Longer lines on a profile's socket are refused: far above any command, far below what would hurt.
inline constexpr std::size_t kLineBytesMax = 4 << 20;

// Lines from a stream, without their newline.
class LineReader {
 public:
  explicit LineReader(kj::AsyncInputStream& in): in_(in) {}
  // Nothing at the end of the stream or after a line above kLineBytesMax. A last line without newline is a line.
  kj::Promise<std::optional<std::string>> next();

 private:
  kj::AsyncInputStream& in_;
  std::string rest_;
  std::size_t searched_ = 0;  // rest_ holds no newline before this
  bool ended_ = false;
};

// Lines into a stream, in the order given, whole.
class LineWriter {
 public:
  explicit LineWriter(kj::AsyncOutputStream& out): out_(out) {}
  kj::Promise<void> write(std::string line);
  std::size_t waitingBytes() const { return waitingBytes_; }

 private:
  kj::AsyncOutputStream& out_;
  kj::Promise<void> last_ = kj::READY_NOW;
  std::size_t waitingBytes_ = 0;
};

}  // namespace qpq::command
