#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace qpq::test {

// A program in node that speaks lines over its standard input and output: another implementation of something of ours.
// It lives in tests/interop/NAME: package.json, package-lock.json, peer.mjs. Its packages are installed under the build
// folder on first use, so the source tree stays clean.
class NodePeer {
 public:
  // Without node, npm or a registry: a line that says what is missing, and the test is skipped.
  static std::expected<NodePeer, std::string> start(std::string_view name);
  NodePeer(NodePeer&& other) noexcept;
  NodePeer& operator=(NodePeer&&) = delete;
  ~NodePeer();

  // Sends the words as one line and gives the words of the line that answers. Throws if the peer is gone or silent.
  std::vector<std::string> ask(const std::vector<std::string>& words);

 private:
  NodePeer(int socket, pid_t process): socket_(socket), process_(process) {}
  int socket_;
  pid_t process_;
  std::string unread_;
};

}  // namespace qpq::test
