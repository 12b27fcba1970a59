#pragma once

#include "client/client.h"
#include "client/engine/core_seat.h"
#include "client/engine/dial.h"
#include "wire/people/invite_code.h"

// Becoming someone: the account made, or this device put into it. Each ends with the core's completeSignIn(), and what
// the server has to hear is durable here before it hears it, so that a crash in between is mended by finishSignIn().
namespace qpq::client {

using Invite = std::optional<wire::InviteCode>;
// As a person typed it; nothing for nothing. badInput.
Result<Invite> inviteFrom(const SecretBytes& typed);

// nameTaken, badInput, serverRefused, inviteNeeded, inviteUnknown, inviteSpent, inviteExpired
Promise<Registered> registerAccount(const World& world, CoreSeat& core, Dialled& server,
                                    crypto::Argon2Cost costAccepted, std::string name, SecretBytes password,
                                    Invite invite);
// wrongPassword, serverRefused
Promise<void> enrolDevice(const World& world, CoreSeat& core, Dialled& server, crypto::Argon2Cost costAccepted,
                          std::string name, SecretBytes password);
// Sends again what an interrupted registration had sent. Nothing to do without one. A server that has it asks for no
// invite any more; for one that has not, the person registers again, with the code.
Promise<void> finishSignIn(CoreSeat& core, Dialled& server, Invite invite);

}  // namespace qpq::client
