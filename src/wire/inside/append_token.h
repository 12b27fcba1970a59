#pragma once

#include "base/secret.h"
#include "wire/types.h"

namespace qpq::wire {

// What lets an unnamed sender append a message in an epoch (kAppendExporterLabel). The commit that makes the epoch
// registers its hash beside the envelope: the server can compare a token but not make one.
using AppendToken = Secret<32>;
Hash appendTokenHash(const AppendToken& token);

}  // namespace qpq::wire
