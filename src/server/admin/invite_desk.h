#pragma once

#include <kj/async.h>

#include <string>

#include "base/time.h"
#include "server/admin/outcome.h"
#include "server/invites.h"
#include "server/registration_policy.h"

namespace qpq::server {

// What an operator asks about invites, as one line each, answered as text: "invite USES DAYS", "invites text",
// "invites json", "revoke PREFIX".
class InviteDesk {
 public:
  // Both outlive it.
  InviteDesk(Invites& invites, Registration policy, const Clock& clock)
      : invites_(invites), policy_(policy), clock_(clock) {}

  static bool knows(std::string_view word) { return word == "invite" || word == "invites" || word == "revoke"; }
  kj::Promise<AdminOutcome> answer(std::string word, std::string rest);

 private:
  kj::Promise<AdminOutcome> make(InviteTerms terms);
  kj::Promise<AdminOutcome> listAsText();
  kj::Promise<AdminOutcome> listAsJson();
  kj::Promise<AdminOutcome> revoke(std::string prefix);

  Invites& invites_;
  const Registration policy_;
  const Clock& clock_;
};

}  // namespace qpq::server
