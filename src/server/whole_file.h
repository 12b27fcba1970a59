#pragma once

#include <string>

#include "base/secret.h"
#include "server/config.h"

namespace qpq::server {

// The content of a file of at most `sizeMax` bytes. `what` names it in the error.
Configured<SecretBytes> readWhole(const std::string& path, std::string_view what, std::size_t sizeMax);

// A file for its owner's eyes only: durable when this returns, and never half there (written beside, synced, then
// named).
Configured<void> writeWhole(const std::string& path, ByteView content);

}  // namespace qpq::server
