#include "command/cli/credentials.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "command/terminal/standard_input.h"

namespace qpq::command {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPasswordBytesMax = 4096;

fs::path profilesFolder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') return fs::path(data) / "qpq";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : ".") / ".local/share/qpq";
}

// The first line, without its end. `what` stands there.
Outcome<SecretBytes> firstLine(int fd, const std::string& source, const std::string& what) {
  WipedBuffer line;
  line.reserve(kPasswordBytesMax);
  uint8_t byte = 0;
  while (line.size() < kPasswordBytesMax) {
    ssize_t got = ::read(fd, &byte, 1);
    if (got < 0) return std::unexpected(usageFailure("cannot read the " + what + " from " + source));
    if (got == 0 || byte == '\n') break;
    line.push_back(byte);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return std::unexpected(usageFailure("there is no " + what + " in " + source));
  return SecretBytes(std::move(line));
}

Outcome<SecretBytes> firstLineOf(const std::string& path, const std::string& what) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(usageFailure("cannot open " + path));
  auto line = firstLine(fd, path, what);
  ::close(fd);
  return line;
}

}  // namespace

Outcome<std::string> profileFolder(const CommonFlags& flags) {
  if (!flags.profile.empty()) return flags.profile;
  if (!flags.username.empty()) {
    // The name becomes a folder's: nothing in it may lead elsewhere.
    if (flags.username.find('/') != std::string::npos || flags.username.starts_with('.')) {
      return std::unexpected(usageFailure("\"" + flags.username + "\" is no user name"));
    }
    return (profilesFolder() / flags.username).string();
  }
  std::vector<std::string> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(profilesFolder(), ignored)) {
    if (entry.is_directory(ignored)) found.push_back(entry.path().string());
  }
  if (found.size() == 1) return found[0];
  std::string hint =
      found.empty() ? "begin with: qpq register-user NAME" : "say which with --username NAME; there are:";
  for (const std::string& folder : found) hint += " " + fs::path(folder).filename().string();
  return std::unexpected(
      usageFailure(found.empty() ? "there is no profile yet" : "there is more than one profile", hint));
}

Outcome<SecretBytes> takePassword(CommonFlags& flags, std::string_view question) {
  if (flags.password) {
    if (flags.passwordOnCommandLine) {
      writeAll(
          STDERR_FILENO,
          "warning: a password on the command line can be seen by other users of this machine; use --password-file,\n"
          "         --password-fd or QPQ_PASSWORD\n");
      flags.passwordOnCommandLine = false;
    }
    return flags.password->clone();
  }
  if (!flags.passwordFile.empty()) return firstLineOf(flags.passwordFile, "password");
  if (flags.passwordFd) {
    auto line = firstLine(*flags.passwordFd, "file descriptor " + std::to_string(*flags.passwordFd), "password");
    if (line) flags.password = line->clone();  // a descriptor can be read only once
    return line;
  }
  if (auto typed = promptSecret(question)) {
    if (typed->empty()) return std::unexpected(usageFailure("the password is empty"));
    flags.password = typed->clone();
    flags.passwordTyped = true;
    return std::move(*typed);
  }
  return std::unexpected(usageFailure("a password is needed and there is no terminal to ask on",
                                      "set QPQ_PASSWORD, --password-file or --password-fd"));
}

Outcome<void> confirmTypedPassword(const CommonFlags& flags) {
  if (!flags.passwordTyped || !flags.password) return {};
  auto again = promptSecret("the same again: ");
  if (again && constantTimeEqual(again->expose(), flags.password->expose())) return {};
  return std::unexpected(usageFailure("the two passwords differ; no account was made", "begin again"));
}

Outcome<SecretBytes> takeInvite(const CommonFlags& flags) {
  if (!flags.inviteFile.empty()) return firstLineOf(flags.inviteFile, "invite code");
  char* environment = std::getenv("QPQ_INVITE");
  if (environment == nullptr) return SecretBytes();
  SecretBytes code(asBytes(environment));
  wipe({reinterpret_cast<uint8_t*>(environment), std::strlen(environment)});
  return code;
}

Outcome<SecretBytes> askForInvite() {
  auto typed = promptSecret("invite code of this server's operator: ");
  if (typed && !typed->empty()) return *std::move(typed);
  return std::unexpected(failureOf({client::ErrorCode::inviteNeeded, "this server registers whoever has an invite code",
                                    "ask its operator for one, and give it in QPQ_INVITE or --invite-file"}));
}

}  // namespace qpq::command
