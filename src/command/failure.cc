#include "command/failure.h"

namespace qpq::command {

namespace {

struct Class {
  Exit exit;
  const char* code;
};

Class classOf(client::ErrorCode code) {
  using enum client::ErrorCode;
  switch (code) {
    case badInput: return {Exit::usage, "bad-input"};
    case offline: return {Exit::network, "offline"};
    case serverUnavailable: return {Exit::network, "server-unavailable"};
    case serverRefused: return {Exit::rateLimited, "server-refused"};
    case wrongPassword: return {Exit::auth, "wrong-password"};
    case notSignedIn: return {Exit::auth, "not-signed-in"};
    case unknownServer: return {Exit::untrusted, "unknown-server"};
    case serverChanged: return {Exit::untrusted, "server-changed"};
    case revoked: return {Exit::auth, "revoked"};
    case noSuchUser: return {Exit::notFound, "no-such-user"};
    case noSuchConversation: return {Exit::notFound, "no-such-conversation"};
    case nameTaken: return {Exit::usage, "name-taken"};
    case inviteNeeded: return {Exit::auth, "invite-needed"};
    case inviteUnknown: return {Exit::auth, "invite-unknown"};
    case inviteSpent: return {Exit::auth, "invite-spent"};
    case inviteExpired: return {Exit::auth, "invite-expired"};
    case notAllowed: return {Exit::usage, "not-allowed"};
    case notMember: return {Exit::notFound, "not-member"};
    case tooLarge: return {Exit::usage, "too-large"};
    case fileUnusable: return {Exit::usage, "file-unusable"};
    case fileExists: return {Exit::usage, "file-exists"};
    case fileChanged: return {Exit::usage, "file-changed"};
    case noSuchFile: return {Exit::notFound, "no-such-file"};
    case fileGone: return {Exit::notFound, "file-gone"};
    case fileDamaged: return {Exit::untrusted, "file-damaged"};
    case profileLocked: return {Exit::store, "profile-locked"};
    case diskFull: return {Exit::store, "disk-full"};
    case profileCorrupt: return {Exit::store, "profile-corrupt"};
    case profileTooNew: return {Exit::store, "profile-too-new"};
    case wrongPassphrase: return {Exit::auth, "wrong-passphrase"};
    case updateNeeded: return {Exit::unexpected, "update-needed"};
    case internal: return {Exit::unexpected, "internal"};
  }
  return {Exit::unexpected, "internal"};
}

}  // namespace

Failure failureOf(const client::Error& error) {
  Class kind = classOf(error.code);
  return {kind.exit, kind.code, error.what, error.hint};
}

Failure usageFailure(std::string what, std::string hint) {
  return {Exit::usage, "usage", std::move(what), std::move(hint)};
}

Value toValue(const Failure& failure) {
  Value value = Value::object({{"code", failure.code}, {"message", failure.what}});
  if (!failure.hint.empty()) value.set("hint", failure.hint);
  value.set("exit", static_cast<int>(failure.exit));
  return value;
}

Failure failureFrom(const Value& value) {
  int64_t exit = value.numberAt("exit");
  bool known = (exit >= 1 && exit <= 9) || exit == 130;
  return {known ? static_cast<Exit>(exit) : Exit::unexpected, std::string(value.textAt("code")),
          std::string(value.textAt("message")), std::string(value.textAt("hint"))};
}

}  // namespace qpq::command
