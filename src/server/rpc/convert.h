#pragma once

#include <kj/debug.h>

#include <expected>
#include <string>
#include <variant>

#include "crypto/argon2.h"
#include "schema/data.h"
#include "schema/session.capnp.h"
#include "server/observe/observer.h"
#include "server/outcomes.h"

// Between the schema's words and the domain's.
namespace qpq::server::rpc {

using schema::bytesOf;
using schema::dataOf;
using schema::idOf;
using schema::stringOf;
using schema::viewOf;

inline kj::StringPtr text(const std::string& text) { return {text.c_str(), text.size()}; }

inline crypto::Argon2Cost cost(schema::KsfCost::Reader cost) {
  return {cost.getMemoryKib(), cost.getPasses(), cost.getLanes()};
}
inline void setCost(schema::KsfCost::Builder out, const crypto::Argon2Cost& cost) {
  out.setMemoryKib(cost.memoryKib);
  out.setPasses(cost.passes);
  out.setLanes(cost.lanes);
}

// The schema has no answer for a store that is in trouble: nothing the caller did. The call fails as OVERLOADED, and
// may be repeated.
template <class T>
T available(std::expected<T, Unavailable> answer) {
  if (!answer) kj::throwFatalException(KJ_EXCEPTION(OVERLOADED, "the store is unavailable"));
  return *std::move(answer);
}

// The answer, counted if it says "come back later".
template <class Outcome>
Outcome counted(Observer& observer, Outcome outcome) {
  if (std::holds_alternative<TooOften>(outcome)) observer.limited();
  return outcome;
}

}  // namespace qpq::server::rpc
