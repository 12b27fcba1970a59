#pragma once

#include <cstddef>
#include <optional>

#include "base/secret.h"

// Secrets that people write down and type again: Crockford's base 32, digits and capitals without I, L, O and U, so
// that no letter is mistaken for a digit.
namespace qpq {

// Groups of five letters with dashes between them. `bytes` is a multiple of five long: no bit is left over.
SecretBytes toPaper(ByteView bytes);
// In either case; dashes and spaces do not count, O is 0, I and L are 1. Nothing for another character or for letters
// that are no whole number of groups of eight.
std::optional<SecretBytes> fromPaper(ByteView text);

// A letter as toPaper() writes it; nothing if it is none of its letters, however written.
std::optional<char> paperLetter(char typed);

}  // namespace qpq
