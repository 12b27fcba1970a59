#include "opaque/parameters.h"

#include "opaque/limits.h"

namespace qpq::opaque {

namespace {

bool fits(const std::optional<ByteView>& identity) {
  return !identity || (!identity->empty() && identity->size() <= kIdentitySizeMax);
}

}  // namespace

Result<void> check(const Parameters& parameters) {
  if (parameters.context.size() > kContextSizeMax || !fits(parameters.clientIdentity) ||
      !fits(parameters.serverIdentity)) {
    return std::unexpected(Error::invalidInput);
  }
  return {};
}

}  // namespace qpq::opaque
