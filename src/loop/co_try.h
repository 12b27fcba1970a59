#pragma once

#include "base/try.h"

// CO_TRY(expression): TRY for coroutines; the failure leaves through co_return.
#define CO_TRY(...)                                           \
  __extension__({                                             \
    auto qpqTried = (__VA_ARGS__);                            \
    if (!qpqTried.has_value()) [[unlikely]]                   \
      co_return std::unexpected(std::move(qpqTried).error()); \
    ::qpq::detail::unwrap(std::move(qpqTried));               \
  })
