#pragma once

#include <expected>
#include <string>
#include <utility>

namespace qpq::sql {
struct Error;
}

namespace qpq::server::store {

// What can be wrong with a store. No more is told apart than what somebody acts on differently; the text says the rest.
struct Error {
  enum class Code {
    failed,     // nothing of the transaction has happened
    ambiguous,  // of a commit alone: its answer was lost, and everything has happened or nothing. Ask again by key
    damaged,    // what is stored is not what was written; nothing of the transaction has happened
  };

  Error(Code code, std::string text): code(code), text(std::move(text)) {}
  Error(const sql::Error& cause);  // sqlite/error.cc; never ambiguous: only a commit knows

  Code code;
  std::string text;  // for logs: may name tables and paths, never a key or what people have stored
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> damaged(std::string what) {
  return std::unexpected(Error(Error::Code::damaged, std::move(what)));
}

}  // namespace qpq::server::store
