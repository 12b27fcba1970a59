#pragma once

#include <string>

#include "base/secret.h"
#include "command/cli/invocation.h"

namespace qpq::command {

// The profile's folder: --profile, else $XDG_DATA_HOME/qpq/NAME for --username, else the only one there is.
Outcome<std::string> profileFolder(const CommonFlags& flags);

// The password, in this order: --password (with a warning on standard error), QPQ_PASSWORD, --password-file,
// --password-fd, a prompt without echo. Taken once.
Outcome<SecretBytes> takePassword(CommonFlags& flags, std::string_view question);

// Before an account is made: a password that was typed is typed again, since nobody could ever correct a slip in it.
Outcome<void> confirmTypedPassword(const CommonFlags& flags);

// The invite code of a new account, where one was given: QPQ_INVITE, --invite-file. Empty: none. It is asked for only
// when a server has said that it needs one.
Outcome<SecretBytes> takeInvite(const CommonFlags& flags);
Outcome<SecretBytes> askForInvite();

}  // namespace qpq::command
