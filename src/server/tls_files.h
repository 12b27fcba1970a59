#pragma once

#include "base/random.h"
#include "base/time.h"
#include "quic/certificate.h"
#include "server/settings.h"

namespace qpq::server {

struct TlsFiles {
  quic::TlsIdentity identity;
  std::vector<std::string> notes;
};

// The certificate and key as they are; none is made.
struct TlsPaths {
  std::string certificate;
  std::string key;
};
Configured<quic::TlsIdentity> loadTls(const TlsPaths& paths);

// The certificate and key the settings name. Where they name none, those in the data folder, made at the first start.
Configured<TlsFiles> tlsFiles(const Settings& settings, Random& random, Instant now);

}  // namespace qpq::server
