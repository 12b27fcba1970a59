#pragma once

#include <kj/exception.h>

#include <string>

#include "client/error.h"
#include "client/link.h"
#include "schema/node.capnp.h"

// The sentences the engine answers with, in one place.
namespace qpq::client::failures {

Error offline(std::string detail = {});
Error serverUnavailable();
Error serverRefused(std::string what, std::string hint = {});
Error rateLimited(uint64_t afterMs);
Error malformed(std::string detail);  // the server calls malformed what this program made: one of the two is wrong
Error lyingServer(std::string detail);
Error wrongPassword();
Error invite(schema::InviteRefusal refusal);
Error notSignedIn();
Error unknownServer(const std::string& address, const std::string& fingerprint);
Error serverChanged(const std::string& address);
Error revoked();
Error noSuchUser(const std::string& name);
Error unreachable(const std::string& name);  // a user none of whose devices has key packages left
Error fileTooLarge(uint64_t bytesMax);
Error fileQuota(uint64_t bytesMax, uint64_t bytesUsed, uint64_t bytesNeeded);
Error fileGone();
Error fileCutShort();
Error transferStuck();
// `why`, said of what waits in no outbox: without a server, the hint says what has become of it and what to do.
Error notQueued(Error why, std::string hint);
Error link(const LinkError& error);

}  // namespace qpq::client::failures
