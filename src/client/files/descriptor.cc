#include "client/files/descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace qpq::client::files {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Error systemFailure(const std::string& doing, const std::string& path) {
  if (errno == ENOSPC || errno == EDQUOT) {
    return {ErrorCode::diskFull, "The disk is full: " + path + " was not written.", "Make room and try again."};
  }
  return {ErrorCode::fileUnusable, "Cannot " + doing + " " + path + ": " + std::strerror(errno), {}};
}

}  // namespace qpq::client::files
