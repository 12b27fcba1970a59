#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/json.h"

// The vector formats of github.com/mlswg/mls-implementations. A file is a list of cases of one format.
namespace qpq::mls::vectors {

struct Format {
  std::string_view name;  // as the official file has it; the three passive-client files share one
  // Fields that together no other format has; every case has them.
  std::span<const std::string_view> fields;
  void (*check)(const test::Json& vector);  // throws at the first difference
};

std::span<const Format> formats();

// By what is in it: the format of the first case that has all fields of one. nullptr if there is none.
const Format* recognise(const test::Json& file);

// Nothing if the case is right, else what is wrong with it.
std::optional<std::string> whatIsWrong(const Format& format, const test::Json& vector);

}  // namespace qpq::mls::vectors
