#pragma once

#include "base/random.h"
#include "mls/message/capabilities.h"
#include "mls/message/extension.h"

// RFC 9420 §13.5: values nobody has a meaning for, said now and then so that peers keep ignoring what they do not know.
// Receivers have no rule for them, and a client never counts its own among what it can do.
namespace qpq::mls {

constexpr bool isGrease(uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff) && value != 0xfafa;
}

// One value each among the suites, extensions, proposals and credentials, at a place of its own.
void addGrease(Capabilities& capabilities, Random& random);
// One extension with up to 15 bytes of anything, for a leaf, a key package or a GroupInfo; those of a leaf must be
// listed in its capabilities, so its type is returned.
ExtensionType addGrease(Extensions& extensions, Random& random);

// What the leaf's owner can really do.
Capabilities withoutGrease(Capabilities capabilities);

}  // namespace qpq::mls
