#include "command/host/line_stream.h"

#include <array>
#include <utility>

namespace qpq::command {

kj::Promise<std::optional<std::string>> LineReader::next() {
  for (;;) {
    std::size_t newline = rest_.find('\n', searched_);
    if (newline != std::string::npos) {
      std::string line = rest_.substr(0, newline);
      rest_.erase(0, newline + 1);
      searched_ = 0;
      co_return line;
    }
    searched_ = rest_.size();
    if (ended_ || rest_.size() > kLineBytesMax) {
      bool whole = ended_ && !rest_.empty() && rest_.size() <= kLineBytesMax;
      ended_ = true;
      searched_ = 0;
      std::string last = std::exchange(rest_, {});
      co_return whole ? std::optional(std::move(last)) : std::nullopt;
    }
    std::array<char, 16 * 1024> chunk;
    std::size_t size = co_await in_.tryRead(chunk.data(), 1, chunk.size());
    if (size == 0) ended_ = true;
    rest_.append(chunk.data(), size);
  }
}

kj::Promise<void> LineWriter::write(std::string line) {
  line += '\n';
  waitingBytes_ += line.size();
  auto text = kj::heap<std::string>(kj::mv(line));
  auto& bytes = *text;
  auto written = last_.then([this, &bytes]() { return out_.write(bytes.data(), bytes.size()); })
                     .attach(kj::defer([this, size = bytes.size()]() { waitingBytes_ -= size; }), kj::mv(text))
                     .fork();
  last_ = written.addBranch();
  return written.addBranch();
}

}  // namespace qpq::command
