#pragma once

#include <string>

namespace qpq::server {

// What an operator's command came to: text for standard output, lines that end in newlines, and the exit code.
struct AdminOutcome {
  int exit = 0;  // 0 done and well, 1 failed or damage was found, 2 asked wrongly
  std::string text;

  bool operator==(const AdminOutcome&) const = default;
};

}  // namespace qpq::server
