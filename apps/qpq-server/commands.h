#pragma once

#include "base/random.h"
#include "server/admin/outcome.h"
#include "server/flags.h"
#include "server/settings.h"

namespace qpq {

// Every command but serving. None makes a certificate, a key or a folder.
server::AdminOutcome runCommand(const server::Flags& flags, const server::Settings& settings, Random& random);

}  // namespace qpq
