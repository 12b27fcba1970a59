#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace qpq::sql {

struct Error {
  enum class Code {
    busy,              // another connection holds the lock and the busy timeout is over: try again
    wrongKey,          // the key does not open the file, it is no database, or its first page cannot be read or is
                       // damaged: all look alike
    corrupt,           // a page fails its HMAC or the structure is broken: restore
    full,              // no space left, or the page limit is reached
    io,                // the disk failed. From commit(): outcome unknown, see transaction.h
    cannotOpen,        // no such file or folder, or no right to it
    readOnly,          // a write through a connection or onto a file that cannot be written
    unique,            // a row with this key is there already
    constraint,        // any other constraint: foreign key, NOT NULL, CHECK
    tooBig,            // a value or row above kValueBytesMax
    mismatch,          // a column is not what was asked for: other type, size, range, or NULL
    rolledBack,        // SQLite gave the transaction up after an earlier error; nothing of it remains
    newerSchema,       // written by a later version of this program
    otherApplication,  // the file belongs to another program
    notEncrypted,      // the SQLite in this process is not SQLCipher: a build or packaging fault
    outOfMemory,
    misuse,  // a fault of the calling code: bad SQL, a wrong count of values, a transaction inside a transaction, a
             // value that an SQL function cannot take (a malformed full-text query)
  };
  Code code;
  int sqliteCode = 0;  // the extended result code (sqlite.org/rescode.html); 0 where the refusal is our own
  std::string text;    // for people and logs: may name tables, statements and paths, never a key or a bound value

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

// A refusal of our own, `detail` being a phrase of ours too.
std::unexpected<Error> refuse(Error::Code code, std::string_view detail);

std::string_view describe(Error::Code code);

}  // namespace qpq::sql
