#pragma once

#include <expected>
#include <string>

namespace qpq::client {

// What can go wrong for a person, each with its own exit code and JSON name in `command`.
enum class ErrorCode {
  badInput,           // a name, text or argument breaks a rule; nothing was done
  offline,            // no server could be reached in time; what was written waits in the outbox
  serverUnavailable,  // it answers, but cannot store anything; what was written waits in the outbox
  serverRefused,      // the server answered with a refusal of its own (rate, quota, closed registration)
  wrongPassword,      // or unknown user: nobody can tell which
  notSignedIn,        // this profile holds no account yet
  unknownServer,      // never seen before and nobody said to trust it
  serverChanged,      // the pinned identity differs: refused, loudly
  revoked,            // this device was revoked by another of the account's devices
  noSuchUser,
  noSuchConversation,
  nameTaken,
  inviteNeeded,   // the server registers whoever has an invite code of its operator's
  inviteUnknown,  // and not this one
  inviteSpent,
  inviteExpired,
  notAllowed,       // the role in the conversation does not permit it
  notMember,        // this device has no rights in the conversation any more
  tooLarge,         // refused before anything was encrypted
  fileUnusable,     // a file of this machine cannot be read or written as was asked
  fileExists,       // and nobody said to replace it
  fileChanged,      // while it was being sent; nothing was sent
  noSuchFile,       // no message of the conversation brings such a file
  fileGone,         // the server keeps it no longer
  fileDamaged,      // what the server keeps is not what was sent; nothing was saved
  profileLocked,    // another process owns the profile and does not answer
  diskFull,         // nothing was changed
  profileCorrupt,   // the database or a key slot is damaged
  profileTooNew,    // written by a later version
  wrongPassphrase,  // the local one that opens the profile
  updateNeeded,     // the conversation uses something this version does not know
  internal,         // a bug: please report
};

struct Error {
  ErrorCode code;
  std::string what;  // one sentence, safe to show
  std::string hint;  // what to do about it; may be empty
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace qpq::client
