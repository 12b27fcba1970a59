#pragma once

// What the tests of this room share.

#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "sql/database.h"
#include "sql/transaction.h"
#include "support/scratch_folder.h"

template <>
struct Catch::StringMaker<qpq::sql::Error::Code> {
  static std::string convert(qpq::sql::Error::Code code) { return std::string(qpq::sql::describe(code)); }
};

namespace qpq::sql {

inline Key keyOf(uint8_t first) {
  Key key;
  for (uint8_t& byte : key.writable()) byte = first++;
  return key;
}

// The value, or a failed test that says why.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
Error::Code codeOf(const Result<T>& result) {
  if (result) throw std::runtime_error("succeeded where an error was expected");
  return result.error().code;
}

inline Bytes fileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

inline void writeFile(const std::string& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << asText(bytes);
}

// A table of notes, each number standing in two tables: a transaction done by half would show.
inline void createNotes(Database& database) {
  must(database.execute("CREATE TABLE note (number INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT"));
  must(database.execute("CREATE TABLE twin (number INTEGER PRIMARY KEY) STRICT"));
}

inline Result<void> addNote(Database& database, uint64_t number, const Bytes& text = {}) {
  Transaction transaction = TRY(Transaction::begin(database));
  TRY(database.execute("INSERT INTO note VALUES (?, ?)", number, text));
  TRY(database.execute("INSERT INTO twin VALUES (?)", number));
  return transaction.commit();
}

}  // namespace qpq::sql
