#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

namespace qpq::quic {

// A certificate and its key as PEM files. Writing them, and the key with mode 0600, is the caller's business.
struct SelfSigned {
  Bytes certificatePem;
  SecretBytes keyPem;
};

struct SelfSignedOptions {
  std::vector<std::string> names;  // DNS names or IP addresses, besides localhost, 127.0.0.1 and ::1
  uint32_t validDays = 3650;       // clients pin the key, so expiry protects nobody and only breaks a small server
};

// An Ed25519 certificate for a server's first start. Throws a kj::Exception if a name is no DNS name or address.
SelfSigned makeSelfSigned(Random& random, Instant now, const SelfSignedOptions& options = {});

}  // namespace qpq::quic
