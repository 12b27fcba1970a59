#pragma once

#include <ostream>
#include <span>
#include <string>

namespace qpq::mls::vectors {

// Verifies the files and tells `out` one line for each and a sum, `err` what was wrong with which case. The exit code:
// 0 if every case of every file passed, 1 if one failed, 2 if a file could not be read or is of no known format.
int run(std::span<const std::string> files, std::ostream& out, std::ostream& err);

}  // namespace qpq::mls::vectors
