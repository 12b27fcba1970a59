#include "server/store/error.h"

#include "sql/error.h"

namespace qpq::server::store {

namespace {

// A page that fails its check, a structure that is broken, a column that is not what this program writes.
bool isDamage(sql::Error::Code code) {
  return code == sql::Error::Code::corrupt || code == sql::Error::Code::mismatch || code == sql::Error::Code::wrongKey;
}

}  // namespace

Error::Error(const sql::Error& cause): Error(isDamage(cause.code) ? Code::damaged : Code::failed, cause.text) {}

}  // namespace qpq::server::store
