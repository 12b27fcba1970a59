#pragma once

#include "base/random.h"
#include "base/secret.h"
#include "server/observe/journal.h"
#include "server/settings.h"
#include "server/tls_files.h"

namespace qpq {

// Runs a server until it is told to stop; its exit code. SIGTERM and SIGINT have been captured for KJ.
int serve(const server::Settings& settings, const Secret<32>& databaseKey, const server::TlsFiles& tls, Random& random,
          const server::Journal& journal);

}  // namespace qpq
