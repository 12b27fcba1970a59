#pragma once

#include <expected>
#include <string>
#include <utility>

#include "client/error.h"
#include "sql/error.h"

namespace qpq::client::store {

// What goes wrong below the core's face: mostly the disk, seldom a person's mistake. TRY lets the errors of sql in and
// itself out as the client's Error.
struct Failure {
  Error error;

  Failure(Error error): error(std::move(error)) {}
  Failure(const sql::Error& error): error(ofStore(error)) {}
  operator Error() const { return error; }

 private:
  static Error ofStore(const sql::Error& error);
};

template <class T>
using Result = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(ErrorCode code, std::string what, std::string hint = {}) {
  return std::unexpected(Failure(Error{code, std::move(what), std::move(hint)}));
}

}  // namespace qpq::client::store
