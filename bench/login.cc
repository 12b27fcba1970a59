#include "login.h"

#include <kj/debug.h>

#include "must.h"
#include "opaque/client.h"
#include "schema/data.h"

namespace qpq::bench {

using schema::bytesOf;
using schema::dataOf;

kj::Promise<void> logIn(schema::Node::Client node, const Identity& identity, Random& random) {
  auto login = must(opaque::ClientLogin::start(SecretBytes(asBytes(identity.password())), random));
  Bytes ke1 = encode(login.ke1());
  auto start = node.loginStartRequest();
  start.setName(identity.name);
  start.setKe1(dataOf(ke1));
  auto started = co_await start.send();
  KJ_REQUIRE(started.getOutcome().isChallenge(), "no login under way", identity.name.c_str());
  auto challenge = started.getOutcome().getChallenge();
  auto cost = challenge.getCost();
  auto ksf = must(opaque::Argon2id::make({cost.getMemoryKib(), cost.getPasses(), cost.getLanes()},
                                         {.costMin = crypto::kArgon2CostTest}));
  auto ke2 = must(decode<opaque::Ke2>(bytesOf(challenge.getKe2())));
  auto loggedIn = must(login.finish(ke2, ksf));
  Bytes ke3 = encode(loggedIn.ke3);
  auto finish = challenge.getLogin().finishRequest();
  finish.setKe3(dataOf(ke3));
  auto finished = co_await finish.send();
  KJ_REQUIRE(finished.getOutcome().isAccount(), "the login was denied", identity.name.c_str());
}

}  // namespace qpq::bench
