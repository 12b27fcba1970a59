#pragma once

#include "client/client.h"
#include "client/engine/core_seat.h"
#include "client/engine/dial.h"

// Becoming someone: the account made, or this device put into it. Each ends with the core's completeSignIn(), and what
// the server has to hear is durable here before it hears it, so that a crash in between is mended by finishSignIn().
namespace qpq::client {

// nameTaken, badInput, serverRefused
Promise<Registered> registerAccount(const World& world, CoreSeat& core, Dialled& server,
                                    crypto::Argon2Cost costAccepted, std::string name, SecretBytes password);
// wrongPassword, serverRefused
Promise<void> enrolDevice(const World& world, CoreSeat& core, Dialled& server, crypto::Argon2Cost costAccepted,
                          std::string name, SecretBytes password);
// Sends again what an interrupted registration had sent. Nothing to do without one.
Promise<void> finishSignIn(CoreSeat& core, Dialled& server);

}  // namespace qpq::client
