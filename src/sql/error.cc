#include "sql/error.h"

namespace qpq::sql {

std::unexpected<Error> refuse(Error::Code code, std::string_view detail) {
  return std::unexpected(Error{code, 0, std::string(describe(code)).append(": ").append(detail)});
}

std::string_view describe(Error::Code code) {
  switch (code) {
    case Error::Code::busy: return "the database is in use";
    case Error::Code::wrongKey: return "wrong key, or not a database";
    case Error::Code::corrupt: return "the database is damaged";
    case Error::Code::full: return "the disk is full";
    case Error::Code::io: return "the disk failed";
    case Error::Code::cannotOpen: return "cannot open the database";
    case Error::Code::readOnly: return "the database is read-only";
    case Error::Code::unique: return "the row exists already";
    case Error::Code::constraint: return "a constraint failed";
    case Error::Code::tooBig: return "the value is too big";
    case Error::Code::mismatch: return "a stored value is not what was expected";
    case Error::Code::rolledBack: return "the transaction was rolled back";
    case Error::Code::newerSchema: return "the database was written by a newer version";
    case Error::Code::otherApplication: return "the database belongs to another program";
    case Error::Code::notEncrypted: return "this process cannot encrypt a database";
    case Error::Code::outOfMemory: return "out of memory";
    case Error::Code::misuse: return "the database was used wrongly";
  }
  return "unknown error";
}

}  // namespace qpq::sql
