#include "server/reader.h"

#include <kj/debug.h>

namespace qpq::server {

Unavailable StoreReader::report(const store::Error& error) {
  const char* problem = error.text.c_str();
  KJ_LOG(ERROR, "a question to the store failed", problem);
  return {};
}

}  // namespace qpq::server
