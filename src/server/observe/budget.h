#pragma once

#include <cstddef>
#include <string_view>

namespace qpq::server {

// A limit of the whole server and how much of it is used: what an operator watches to know that it is about to be full.
struct Budget {
  std::string_view name;
  std::size_t used;
  std::size_t max;

  bool operator==(const Budget&) const = default;
};

}  // namespace qpq::server
