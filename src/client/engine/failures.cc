#include "client/engine/failures.h"

namespace qpq::client::failures {

namespace {

// In tenths of a MiB, and upwards: what is used shall not look like less.
std::string mebibytes(uint64_t bytes) {
  constexpr uint64_t kMebibyte = 1 << 20;
  uint64_t tenths = bytes / kMebibyte * 10 + (bytes % kMebibyte * 10 + kMebibyte - 1) / kMebibyte;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " MiB";
}

}  // namespace

Error offline(std::string detail) {
  return {ErrorCode::offline, "the server cannot be reached" + (detail.empty() ? std::string() : ": " + detail),
          "check the network and the address; what was written is kept and sent later"};
}

Error serverUnavailable() {
  return {ErrorCode::serverUnavailable, "the server cannot store anything right now",
          "tell its operator; what was written is kept and sent later"};
}

Error serverRefused(std::string what, std::string hint) {
  return {ErrorCode::serverRefused, std::move(what), std::move(hint)};
}

Error rateLimited(uint64_t afterMs) {
  return serverRefused("the server asks to go slower",
                       "try again in " + std::to_string(afterMs / 1000 + 1) + " seconds");
}

Error malformed(std::string detail) {
  return {ErrorCode::internal, "the server does not understand this program: " + detail, "update qpq, or report this"};
}

Error lyingServer(std::string detail) {
  return {ErrorCode::serverChanged, "the server answered what no honest server answers: " + detail,
          "do not use this server until its operator has explained it"};
}

Error wrongPassword() {
  return {ErrorCode::wrongPassword, "wrong user name or password", "a new name is made with: qpq register-user NAME"};
}

Error invite(schema::InviteRefusal refusal) {
  switch (refusal) {
    case schema::InviteRefusal::NEEDED:
      return {ErrorCode::inviteNeeded, "this server registers whoever has an invite code", "ask its operator for one"};
    case schema::InviteRefusal::UNKNOWN:
      return {ErrorCode::inviteUnknown, "the server does not know this invite code",
              "look whether it is for this server; else ask its operator for another"};
    case schema::InviteRefusal::SPENT:
      return {ErrorCode::inviteSpent, "this invite code has been used up",
              "if it was you, sign in: qpq login NAME; else ask the server's operator for another"};
    case schema::InviteRefusal::EXPIRED:
      return {ErrorCode::inviteExpired, "this invite code has expired", "ask the server's operator for another"};
  }
  return malformed("an answer this version does not know");
}

Error notSignedIn() {
  return {ErrorCode::notSignedIn, "this profile holds no account yet", "qpq register-user NAME, or qpq login NAME"};
}

Error unknownServer(const std::string& address, const std::string& fingerprint) {
  return {ErrorCode::unknownServer, "the server " + address + " is not known here; its key is " + fingerprint,
          "compare the key with what its operator tells you, then say --accept-new-server or --ca-cert FILE"};
}

Error serverChanged(const std::string& address) {
  return {ErrorCode::serverChanged,
          "the server " + address + " shows another identity than before: someone may be in between",
          "ask its operator; a new profile is needed if the server was really set up anew"};
}

Error revoked() {
  return {ErrorCode::revoked, "this device was revoked by another device of the account",
          "sign in anew with: qpq login NAME"};
}

Error noSuchUser(const std::string& name) {
  return {ErrorCode::noSuchUser, "there is no user " + name + " on this server", {}};
}

Error unreachable(const std::string& name) {
  return serverRefused(name + " cannot be added right now: no device of theirs has a key package left",
                       "they get new ones as soon as they are online");
}

Error fileTooLarge(uint64_t bytesMax) {
  return {ErrorCode::tooLarge, "the server takes files of at most " + mebibytes(bytesMax), {}};
}

Error fileQuota(uint64_t bytesMax, uint64_t bytesUsed, uint64_t bytesNeeded) {
  return serverRefused(
      "the server keeps " + mebibytes(bytesMax) + " of files for you: " + mebibytes(bytesUsed) +
          " are in use, and this one takes " + mebibytes(bytesNeeded),
      "make room with: drop-file FILE (what you have sent is shown by: files); each goes by itself after 30 days, and "
      "the operator can allow more (blob_quota_mib)");
}

Error fileGone() {
  return {ErrorCode::fileGone, "the server no longer keeps this file",
          "a file is kept for 30 days, or until its sender drops it: ask for it to be sent again"};
}

Error fileCutShort() {
  return {ErrorCode::fileDamaged,
          "the server ends this file before its end, however often it is asked: nothing was saved",
          "ask for it to be sent again, and tell the server's operator"};
}

Error transferStuck() { return {ErrorCode::offline, "the transfer does not get on", {}}; }

Error notQueued(Error why, std::string hint) {
  if (why.code == ErrorCode::offline || why.code == ErrorCode::serverUnavailable) why.hint = std::move(hint);
  return why;
}

Error link(const LinkError& error) {
  switch (error.code) {
    case LinkError::Code::untrusted:
      return {ErrorCode::serverChanged, "the server is not the one expected: " + error.what,
              "check --ca-cert, or ask the server's operator"};
    case LinkError::Code::incompatible:
      return {ErrorCode::offline, "no common protocol with the server: " + error.what, "update qpq or the server"};
    case LinkError::Code::unreachable:
    case LinkError::Code::refused: break;
  }
  return offline(error.what);
}

}  // namespace qpq::client::failures
