#pragma once

#include "base/bytes.h"

namespace qpq::wire {

// RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF. Whoever shows such a text must still make it
// harmless: every control character is valid UTF-8.
bool isUtf8(ByteView text);

}  // namespace qpq::wire
