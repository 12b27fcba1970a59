#include "wire/inside/append_token.h"

namespace qpq::wire {

Hash appendTokenHash(const AppendToken& token) { return crypto::sha256(token.expose()); }

}  // namespace qpq::wire
