#pragma once

#include <expected>
#include <string>

#include <kj/async.h>

#include "client/error.h"
#include "command/value.h"

namespace qpq::command {

// How a program ends. Scripts rely on these; they never change meaning.
enum class Exit {
  ok = 0,
  unexpected = 1,
  usage = 2,
  network = 3,    // the server could not be reached or refused
  auth = 4,       // wrong password or passphrase, revoked device, not signed in
  untrusted = 5,  // an unknown server nobody vouched for, a changed identity, or a file that is not what was sent
  notFound = 6,   // no such user, conversation or file
  rateLimited = 7,
  store = 8,   // the profile is locked, damaged or too new
  queued = 9,  // accepted, but not yet with the server
  interrupted = 130,
};

struct Failure {
  Exit exit;
  std::string code;  // a stable word for programs: "no-such-user"
  std::string what;  // one sentence
  std::string hint;  // what to do about it; may be empty
};

template <class T>
using Outcome = std::expected<T, Failure>;

Failure failureOf(const client::Error& error);
Failure usageFailure(std::string what, std::string hint = {});

Value toValue(const Failure& failure);
Failure failureFrom(const Value& value);  // as another process wrote it

}  // namespace qpq::command
