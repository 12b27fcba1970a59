#include "wire/error.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "base/try.h"

namespace qpq::wire {
namespace {

TEST_CASE("every code has a name of its own") {
  std::set<std::string_view> names;
  constexpr auto last = static_cast<int>(ErrorCode::lifetimeOver);
  for (int code = 0; code <= last; ++code) names.insert(name(static_cast<ErrorCode>(code)));
  CHECK(names.size() == last + 1);
  CHECK_FALSE(names.contains(""));
}

Result<void> letThrough(DecodeError::Code code) {
  TRY(Decoded<void>(std::unexpected(DecodeError{code, 17})));
  return {};
}

TEST_CASE("a decoder's refusal keeps its place, and what a newer program may have meant stays apart from nonsense") {
  CHECK(letThrough(DecodeError::Code::unknownValue).error() == Error(ErrorCode::unknownValue, 17));
  CHECK(letThrough(DecodeError::Code::notSorted).error() == Error(ErrorCode::notSorted, 17));
  CHECK(letThrough(DecodeError::Code::tooLarge).error() == Error(ErrorCode::tooLarge, 17));
  for (auto code : {DecodeError::Code::truncated, DecodeError::Code::trailingBytes, DecodeError::Code::nonMinimalLength,
                    DecodeError::Code::invalid}) {
    CHECK(letThrough(code).error() == Error(ErrorCode::malformed, 17));
  }
}

}  // namespace
}  // namespace qpq::wire
