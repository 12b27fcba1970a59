#pragma once

#include <expected>
#include <type_traits>
#include <utility>

namespace qpq::detail {

template <class Expected>
typename std::remove_cvref_t<Expected>::value_type unwrap(Expected&& result) {
  if constexpr (!std::is_void_v<typename std::remove_cvref_t<Expected>::value_type>) {
    return *std::forward<Expected>(result);
  }
}

}  // namespace qpq::detail

// TRY(expression): the value of a std::expected, or return its error from this function. The error type of the function
// must be constructible from that of the expression: a room's error takes in those of the rooms it stands on.
#define TRY(...)                                           \
  __extension__({                                          \
    auto qpqTried = (__VA_ARGS__);                         \
    if (!qpqTried.has_value()) [[unlikely]]                \
      return std::unexpected(std::move(qpqTried).error()); \
    ::qpq::detail::unwrap(std::move(qpqTried));            \
  })
