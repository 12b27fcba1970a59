#pragma once

#include <kj/debug.h>

#include <type_traits>
#include <utility>

namespace qpq::bench {

// What a bench gets from its own server, store or hands is right, or the bench is over.
template <class Result>
auto must(Result result) {
  if constexpr (requires { result.error().text; }) {
    if (!result) KJ_FAIL_REQUIRE("this must not fail", result.error().text.c_str());
  } else if constexpr (requires { result.error().what.c_str(); }) {
    if (!result) KJ_FAIL_REQUIRE("this must not fail", result.error().what.c_str());
  }
  KJ_REQUIRE(result.has_value(), "this must not fail");
  if constexpr (requires { *std::move(result); } && !std::is_void_v<decltype(*std::move(result))>) {
    return *std::move(result);
  }
}

}  // namespace qpq::bench
