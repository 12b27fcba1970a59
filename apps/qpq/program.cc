#include "program.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

#include "client/engine/quic_connector.h"
#include "command/cli/credentials.h"
#include "command/commands/views.h"
#include "command/host/local_host.h"
#include "command/repl/repl.h"
#include "command/table.h"
#include "command/terminal/safe_text.h"
#include "command/terminal/standard_input.h"
#include "loop/co_try.h"
#include "server_trust.h"

namespace qpq {

using namespace command;

namespace {

constexpr std::size_t kCertificateBytesMax = 1 << 20;
constexpr auto kAttachRetry = 100 * kj::MILLISECONDS;
constexpr int kAttachAttempts = 20;
constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr uint64_t kFirstCatchUpMs = 20 * kSecondMs;

// The REPL on this process's own input and output.
class StandardPort final: public ReplPort {
 public:
  kj::Promise<std::string> read() override { return input_.read(); }
  void write(std::string_view bytes) override { writeAll(STDOUT_FILENO, bytes); }
  int columns() override { return terminalColumns(); }

 private:
  StandardInput input_;
};

template <class T>
Outcome<T> orFailure(client::Result<T> result) {
  if (!result) return std::unexpected(failureOf(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

Outcome<std::vector<quic::Certificate>> trustedCertificates(const std::string& path) {
  std::vector<quic::Certificate> none;
  if (path.empty()) return none;
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) return std::unexpected(usageFailure("cannot read " + path));
  if (bytes.empty() || bytes.size() > kCertificateBytesMax)
    return std::unexpected(usageFailure(path + " holds no certificate"));
  auto parsed = quic::Certificate::parse(bytes);
  if (!parsed)
    return std::unexpected(usageFailure(path + ": " + quic::sentence(parsed.error()), "PEM and DER are understood"));
  return *parsed;
}

// The weak password protection that a test server offers, for servers on this machine only.
bool acceptsWeakKsf(const std::string& server) {
  const char* allowed = std::getenv("QPQ_ALLOW_WEAK_KSF");
  auto address = client::parseServer(server);
  if (allowed == nullptr || std::string_view(allowed) != "1" || !address) return false;
  return address->host == "localhost" || address->host == "::1" || address->host.starts_with("127.");
}

// What was asked for decides whose profile it is, where nothing else does.
std::string nameOf(const Invocation& invocation) {
  if (auto* registration = std::get_if<ask::Register>(&invocation.ask)) return registration->name;
  if (auto* login = std::get_if<ask::Login>(&invocation.ask)) return login->name;
  return invocation.flags.username;
}

bool isSignIn(const Invocation& invocation) {
  return std::holds_alternative<ask::Register>(invocation.ask) || std::holds_alternative<ask::Login>(invocation.ask);
}

void showOnOneLine(const Value& event) {
  if (event.textAt("event") == "transfer") writeAll(STDERR_FILENO, std::string(kEraseLine) + showTransfer(event));
}

bool worksWithoutAccount(const Invocation& invocation) {
  auto* call = std::get_if<ask::Call>(&invocation.ask);
  return call != nullptr && (call->method == "health" || call->method == "ping");
}

}  // namespace

Program::Program(kj::AsyncIoContext& io, Invocation invocation)
    : io_(io), invocation_(kj::mv(invocation)), timer_(io.unixEventPort) {}

kj::Promise<Exit> Program::run() {
  CommonFlags& flags = invocation_.flags;
  if (flags.username.empty()) flags.username = nameOf(invocation_);
  auto folder = profileFolder(flags);
  if (!folder) co_return fail(folder.error());
  auto outcome = co_await runIn(*folder);
  co_return outcome ? *outcome : fail(outcome.error());
}

kj::Promise<Outcome<Exit>> Program::runIn(std::string folder) {
  for (int attempt = 0;; ++attempt) {
    KJ_IF_MAYBE (owner, co_await ProfileSocket::attach(*io_.lowLevelProvider, folder))
      co_return co_await runAttached(**owner);
    auto outcome = co_await runAsOwner(folder);
    // Somebody owns the profile but does not answer yet: a start or an end in progress.
    bool busy = !outcome && outcome.error().code == "profile-locked";
    if (!busy || attempt == kAttachAttempts) co_return outcome;
    co_await timer_.afterDelay(kAttachRetry);
  }
}

kj::Promise<Outcome<Exit>> Program::runAttached(Host& host) {
  if (isSignIn(invocation_)) {
    co_return std::unexpected(
        usageFailure("this profile is open in another process", "end that one first, or name another --profile"));
  }
  auto gone = host.whenGone().then([]() -> Outcome<Exit> {
    return std::unexpected(
        Failure{Exit::store, "owner-gone", "the process that owned the profile went away", "run the command again"});
  });
  co_return co_await perform(host).exclusiveJoin(kj::mv(gone));
}

kj::Promise<Outcome<Exit>> Program::runAsOwner(std::string folder) {
  CommonFlags& flags = invocation_.flags;
  std::string server = CO_TRY(serverAddress(folder));
  auto trusted = CO_TRY(trustedCertificates(flags.caCertificate));
  SecretBytes password = CO_TRY(
      takePassword(flags, "password" + (flags.username.empty() ? std::string() : " of " + flags.username) + ": "));

  bool isFresh = !std::filesystem::exists(folder + "/key.slot");
  bool answered = flags.acceptNewServer || !trusted.empty();
  ServerTrustByPerson trust(answered ? ServerTrustByPerson::Answered::yes : ServerTrustByPerson::Answered::askPerson);
  client::QuicConnector connector({io_.unixEventPort, timer_, clock_, random_, worker_}, server, kj::mv(trusted));
  client::OpenOptions options{.folder = folder};
  if (acceptsWeakKsf(server)) options.costAccepted = crypto::kArgon2CostTest;
  auto client = CO_TRY(orFailure(co_await client::Client::open(
      {clock_, random_, timer_, worker_, files_, connector, trust}, options, kj::mv(password))));

  Outcome<Exit> outcome = Exit::ok;
  if (isSignIn(invocation_)) {
    outcome = co_await signIn(*client, folder);
  } else {
    if (!worksWithoutAccount(invocation_)) {
      if (auto ready = co_await ensureSignedIn(*client, folder); !ready) outcome = std::unexpected(ready.error());
      client->start();
    }
    if (outcome) {
      LocalHost host(*client);
      auto socket = CO_TRY(ProfileSocket::serve(*io_.lowLevelProvider, host, folder));
      outcome = co_await perform(host);
      co_await socket->whenAlone();
    }
  }
  co_await client->close();
  // A profile made for a sign-in that came to nothing goes again: it is sealed under a password that may have been a
  // slip. One that could not reach the server stays, since the server may have heard it.
  bool cameToNothing = !outcome && outcome.error().code != "offline";
  if (isFresh && cameToNothing) std::filesystem::remove_all(folder);
  co_return outcome;
}

// ---- signing in

kj::Promise<Outcome<Exit>> Program::signIn(client::Client& client, const std::string& folder) {
  if (co_await client.signedIn()) {
    co_return std::unexpected(
        usageFailure("this profile already holds an account", "name another --profile for a second one"));
  }
  std::string name = nameOf(invocation_);
  if (std::holds_alternative<ask::Register>(invocation_.ask)) {
    CO_TRY(co_await registerHere(client, folder, name));
  } else {
    CO_TRY(co_await loginHere(client, folder, name));
  }
  // Others can add this device only once it has left key packages at the server.
  client.start();
  CO_TRY(orFailure(co_await client.catchUp(kFirstCatchUpMs)));
  if (invocation_.flags.json) {
    print(Value::object({{"name", name}, {"profile", folder}}), nullptr);
  } else {
    writeAll(STDOUT_FILENO, "you are @" + safeLine(name) + "; say: qpq repl --username " + safeLine(name) + "\n");
  }
  co_return Exit::ok;
}

// A fresh profile in the REPL: with --register a new account is made, else the person is asked.
kj::Promise<Outcome<void>> Program::ensureSignedIn(client::Client& client, const std::string& folder) {
  if (co_await client.signedIn()) co_return Outcome<void>();
  auto* repl = std::get_if<ask::Repl>(&invocation_.ask);
  std::string name = invocation_.flags.username;
  if (repl == nullptr || name.empty()) {
    co_return std::unexpected(failureOf({client::ErrorCode::notSignedIn, "this profile holds no account yet",
                                         "qpq register-user NAME, or qpq login NAME"}));
  }
  bool registers = repl->registerNew;
  if (!registers) {
    auto answer =
        promptLine("This profile holds no account yet. Is " + safeLine(name) + " a new name, to be registered? [y/N] ");
    if (!answer) {
      co_return std::unexpected(failureOf({client::ErrorCode::notSignedIn, "this profile holds no account yet",
                                           "say --register to make one, or: qpq login " + name}));
    }
    registers = *answer == "y" || *answer == "Y" || *answer == "yes";
  }
  co_return co_await (registers ? registerHere(client, folder, name) : loginHere(client, folder, name));
}

kj::Promise<Outcome<void>> Program::registerHere(client::Client& client, const std::string& folder, std::string name) {
  SecretBytes password = CO_TRY(takePassword(invocation_.flags, "password of " + name + ": "));
  CO_TRY(confirmTypedPassword(invocation_.flags));
  SecretBytes invite = CO_TRY(takeInvite(invocation_.flags));
  bool hasInvite = !invite.empty();
  auto answer = co_await client.registerUser(name, password.clone(), kj::mv(invite));
  if (!answer && answer.error().code == client::ErrorCode::inviteNeeded && !hasInvite) {
    invite = CO_TRY(askForInvite());
    answer = co_await client.registerUser(name, kj::mv(password), kj::mv(invite));
  }
  auto registered = CO_TRY(orFailure(kj::mv(answer)));
  std::ofstream(folder + "/server") << CO_TRY(serverAddress(folder)) << '\n';
  writeAll(STDERR_FILENO, "recovery key, shown once; write it down:\n  ");
  writeAll(STDERR_FILENO, asText(registered.recoveryKey.expose()));
  writeAll(STDERR_FILENO, "\n");
  co_return Outcome<void>();
}

kj::Promise<Outcome<void>> Program::loginHere(client::Client& client, const std::string& folder, std::string name) {
  SecretBytes password = CO_TRY(takePassword(invocation_.flags, "password of " + name + ": "));
  CO_TRY(orFailure(co_await client.login(name, kj::mv(password))));
  std::ofstream(folder + "/server") << CO_TRY(serverAddress(folder)) << '\n';
  co_return Outcome<void>();
}

// --server, else the one this profile signed in at, else the seed's default on this machine.
Outcome<std::string> Program::serverAddress(const std::string& folder) const {
  std::string server = invocation_.flags.server;
  if (server.empty()) {
    std::ifstream file(folder + "/server");
    std::getline(file, server);
  }
  if (server.empty()) server = "127.0.0.1:7000";
  if (!client::parseServer(server)) {
    return std::unexpected(usageFailure("\"" + server + "\" is no server", "HOST:PORT, as in 127.0.0.1:7000"));
  }
  return server;
}

// ---- doing what was asked

kj::Promise<Outcome<Exit>> Program::perform(Host& host) {
  if (auto* wanted = std::get_if<ask::Call>(&invocation_.ask)) co_return co_await call(host, *wanted);
  if (std::holds_alternative<ask::Follow>(invocation_.ask)) co_return co_await followMessages(host);
  co_return co_await repl(host, std::get<ask::Repl>(invocation_.ask));
}

kj::Promise<Outcome<Exit>> Program::call(Host& host, const ask::Call& wanted) {
  const Command& command = *findCommand(wanted.method);
  bool showsHowFar = command.pace == Command::Pace::slow && isTerminal(STDERR_FILENO) && !invocation_.flags.json;
  kj::Own<void> listening;
  if (showsHowFar) listening = host.listen([](const Value& event) { showOnOneLine(event); });
  auto outcome = co_await host.call(wanted.method, wanted.parameters);
  if (showsHowFar) writeAll(STDERR_FILENO, kEraseLine);
  Value result = CO_TRY(kj::mv(outcome));
  print(result, command.show);
  // Only what sends has such a state.
  co_return result.textAt("state") == "queued" ? Exit::queued : Exit::ok;
}

kj::Promise<Outcome<Exit>> Program::followMessages(Host& host) {
  bool json = invocation_.flags.json;
  auto show = [json](const Value& message) {
    writeAll(STDOUT_FILENO, (json ? toJson(message) : showMessage(message)) + "\n");
  };
  // Messages may arrive while the unread ones are fetched: they wait, so that each is shown once and in its place.
  std::deque<Value> arrived;
  auto stirred = kj::newPromiseAndFulfiller<void>();
  auto listening = host.listen([&](const Value& event) {
    const Value* message = event.find("message");
    if (message == nullptr || message->textAt("state") != "received") return;
    arrived.push_back(*message);
    stirred.fulfiller->fulfill();
  });
  // Of each conversation, how far. An event may come long after `recv` has told its message.
  std::map<std::string, int64_t, std::less<>> shown;
  Value unread = CO_TRY(co_await host.call("recv", {}));
  for (const Value& message : unread.listAt("messages")) {
    show(message);
    shown[std::string(message.textAt("conversation"))] = message.numberAt("seq");
  }
  for (;;) {
    while (!arrived.empty()) {
      Value message = kj::mv(arrived.front());
      arrived.pop_front();
      int64_t seq = message.numberAt("seq");
      int64_t& newest = shown[std::string(message.textAt("conversation"))];
      if (seq <= newest) continue;
      newest = seq;
      show(message);
      CO_TRY(co_await host.call("mark-read",
                                Value::object({{"conversation", message.textAt("conversation")}, {"seq", seq}})));
    }
    co_await stirred.promise;
    stirred = kj::newPromiseAndFulfiller<void>();
  }
}

kj::Promise<Outcome<Exit>> Program::repl(Host& host, const ask::Repl& wanted) {
  bool terminal = isTerminal(STDIN_FILENO) && isTerminal(STDOUT_FILENO) && !invocation_.flags.json;
  ReplOptions options{.face = terminal ? ReplOptions::Face::terminal : ReplOptions::Face::lines,
                      .output = invocation_.flags.json ? ReplOptions::Output::json : ReplOptions::Output::people,
                      .conversation = wanted.conversation};
  StandardPort port;
  Repl repl(host, port, timer_, kj::mv(options));
  std::optional<RawMode> raw;
  if (terminal) raw.emplace();
  co_return co_await repl.run();
}

void Program::print(const Value& result, std::string (*show)(const Value&)) const {
  if (invocation_.flags.json) {
    writeAll(STDOUT_FILENO, toJson(result) + "\n");
  } else if (show != nullptr) {
    std::string text = show(result);
    if (!text.empty()) writeAll(STDOUT_FILENO, text + "\n");
  }
}

Exit Program::fail(const Failure& failure) const {
  if (invocation_.flags.json) {
    writeAll(STDOUT_FILENO, toJson(Value::object({{"error", toValue(failure)}})) + "\n");
  }
  writeAll(STDERR_FILENO, "error: " + safeText(failure.what) + "\n");
  if (!failure.hint.empty()) writeAll(STDERR_FILENO, "hint: " + safeText(failure.hint) + "\n");
  return failure.exit;
}

}  // namespace qpq
