#pragma once

#include <vector>

#include "client/core/delivery.h"
#include "client/engine/online.h"

// Whom a conversation is with: looked up at the server, and not believed.
namespace qpq::client {

struct Found {
  core::Person person;
  core::Outcome outcome;  // what a changed key or list was worth
};

// Learns the names of accounts met as members only. What the server does not tell stays a number.
Promise<void> learnNames(CoreSeat& core, Online& online);

// By user name. The list is held to the pinned account key and to the newest one seen. noSuchUser, badInput.
Promise<Found> findPerson(CoreSeat& core, Online& online, std::string name);

// One key package of each of the person's devices, checked. serverRefused if none is left.
Promise<core::Invitation> takeKeyPackages(const World& world, CoreSeat& core, Online& online, core::Person person);

}  // namespace qpq::client
