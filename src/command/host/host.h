#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <string>

#include "command/failure.h"
#include "command/value.h"

namespace qpq::command {

// Where commands run. Faces are written against this and cannot tell whether the engine is in this process or in the
// one that owns the profile.
class Host {
 public:
  virtual ~Host() noexcept(false) = default;

  // Runs a command of the table by its name. Unknown names and parameters are usage failures.
  virtual kj::Promise<Outcome<Value>> call(std::string method, Value parameters) = 0;

  // Events as values (commands/views.h) until the Own is dropped.
  virtual kj::Own<void> listen(kj::Function<void(const Value& event)> listener) = 0;

  // Resolves when the host has gone away: never for one in this process.
  virtual kj::Promise<void> whenGone() = 0;
};

}  // namespace qpq::command
