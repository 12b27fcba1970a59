#include "server/reader.h"

#include <kj/debug.h>

namespace qpq::server {

Unavailable StoreReader::report(const store::Error& error) {
  KJ_LOG(ERROR, "a question to the store failed", error.text.c_str());
  return {};
}

}  // namespace qpq::server
