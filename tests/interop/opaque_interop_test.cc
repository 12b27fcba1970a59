#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interop/node_peer.h"
#include "opaque/client.h"
#include "opaque/server.h"
#include "support/seeded_random.h"

// Live against @serenity-kit/opaque (opaque-ke in WebAssembly), which nobody here wrote: each side of ours with the
// other side of theirs.
namespace qpq::opaque {
namespace {

using test::NodePeer;
using test::SeededRandom;
using Words = std::vector<std::string>;

constexpr crypto::Argon2Cost kCostCheap = crypto::kArgon2CostTest;
constexpr crypto::Argon2Cost kCostReal = crypto::kArgon2CostMin;
constexpr std::string_view kPassword = "correct horse battery staple";
constexpr std::string_view kIdentifier = "0123456789abcdef";

struct Names {
  std::optional<std::string> client;
  std::optional<std::string> server;
};

std::string hex(std::string_view text) { return toHex(asBytes(text)); }
std::string hexOrNone(const std::optional<std::string>& text) { return text ? hex(*text) : "-"; }
SecretBytes secret(std::string_view text) { return SecretBytes(asBytes(text)); }
Argon2id ksf(const crypto::Argon2Cost& cost) { return *Argon2id::make(cost, {.costMin = kCostCheap}); }

// Theirs has no context.
Parameters parametersOf(const Names& names) {
  Parameters parameters{.context = {}};
  if (names.client) parameters.clientIdentity = asBytes(*names.client);
  if (names.server) parameters.serverIdentity = asBytes(*names.server);
  return parameters;
}

class Peer {
 public:
  explicit Peer(NodePeer node): node_(std::move(node)) {}

  // The values of a good answer, none of a refusal.
  std::optional<Words> ask(Words words) {
    Words answer = node_.ask(words);
    REQUIRE_FALSE(answer.empty());
    INFO(words[0] << ": " << answer.back());
    REQUIRE((answer[0] == "ok" || answer[0] == "refused"));
    if (answer[0] == "refused") return std::nullopt;
    answer.erase(answer.begin());
    return answer;
  }

 private:
  NodePeer node_;
};

Peer startPeer() {
  auto node = NodePeer::start("opaque");
  if (!node) SKIP("not run against @serenity-kit/opaque: " << node.error());
  return Peer(std::move(*node));
}

void appendCost(Words& words, const crypto::Argon2Cost& cost) {
  for (uint32_t value : {cost.memoryKib, cost.passes, cost.lanes}) words.push_back(std::to_string(value));
}

void appendNames(Words& words, const Names& names) {
  words.push_back(hexOrNone(names.client));
  words.push_back(hexOrNone(names.server));
}

struct Account {
  RegistrationRecord record;
  std::string exportKey;
};
struct Session {
  std::string client, server;  // the session key as either side holds it
  std::string exportKey;
};

// Our client with their server.
class TheirServer {
 public:
  explicit TheirServer(Peer& peer): peer_(peer) {
    Words made = peer.ask({"server-setup"}).value();
    setup_ = made[0];
    publicKey_ = made[1];
  }

  Account enroll(const Names& names, const crypto::Argon2Cost& cost) {
    auto client = ClientRegistration::start(secret(kPassword), random_).value();
    Words response = peer_.ask({"server-register", setup_, hex(kIdentifier), toHex(encode(client.request()))}).value();
    auto decoded = decode<RegistrationResponse>(*fromHex(response[0]));
    REQUIRE(decoded.has_value());
    Registered registered = client.finish(*decoded, ksf(cost), random_, parametersOf(names)).value();
    CHECK(toHex(encode(registered.serverPublicKey)) == publicKey_);
    return {.record = std::move(registered.record), .exportKey = toHex(registered.exportKey.expose())};
  }

  Result<Session> login(std::string_view password, const RegistrationRecord* record, const Names& names,
                        const crypto::Argon2Cost& cost) {
    ClientLogin client = ClientLogin::start(secret(password), random_).value();
    Words request{"server-login", setup_, hex(kIdentifier),
                  record != nullptr ? toHex(encodeSecret(*record).expose()) : "-", toHex(encode(client.ke1()))};
    appendNames(request, names);
    Words answer = peer_.ask(request).value();
    auto ke2 = decode<Ke2>(*fromHex(answer[1]));
    REQUIRE(ke2.has_value());
    LoggedIn loggedIn = TRY(client.finish(*ke2, ksf(cost), parametersOf(names)));
    CHECK(toHex(encode(loggedIn.serverPublicKey)) == publicKey_);
    refusesOther(answer[0], loggedIn.ke3, names);
    Words last{"server-finish", answer[0], toHex(encode(loggedIn.ke3))};
    appendNames(last, names);
    return Session{.client = toHex(loggedIn.sessionKey.expose()),
                   .server = peer_.ask(last).value()[0],
                   .exportKey = toHex(loggedIn.exportKey.expose())};
  }

 private:
  void refusesOther(const std::string& state, Ke3 ke3, const Names& names) {
    ke3.clientMac[0] ^= 1;
    Words changed{"server-finish", state, toHex(encode(ke3))};
    appendNames(changed, names);
    CHECK_FALSE(peer_.ask(changed).has_value());
  }

  Peer& peer_;
  SeededRandom random_{1};
  std::string setup_;
  std::string publicKey_;
};

// Their client with our server.
class OurServer {
 public:
  explicit OurServer(Peer& peer): peer_(peer) {}

  Account enroll(const Names& names, const crypto::Argon2Cost& cost) {
    Words start = peer_.ask({"client-register-start", hex(kPassword)}).value();
    auto request = decode<RegistrationRequest>(*fromHex(start[1]));
    REQUIRE(request.has_value());
    auto response = respondToRegistration(setup_, asBytes(kIdentifier), *request);
    REQUIRE(response.has_value());
    Words finish{"client-register-finish", hex(kPassword), start[0], toHex(encode(*response))};
    appendCost(finish, cost);
    appendNames(finish, names);
    Words registered = peer_.ask(finish).value();
    CHECK(registered[2] == toHex(encode(setup_.staticKey.publicKey)));
    auto record = decode<RegistrationRecord>(*fromHex(registered[0]));
    REQUIRE(record.has_value());
    return {.record = std::move(*record), .exportKey = registered[1]};
  }

  // Nothing if their client refuses our answer.
  std::optional<Session> login(std::string_view password, const RegistrationRecord* record, const Names& names,
                               const crypto::Argon2Cost& cost) {
    Words start = peer_.ask({"client-login-start", hex(password)}).value();
    auto ke1 = decode<Ke1>(*fromHex(start[1]));
    REQUIRE(ke1.has_value());
    auto server = ServerLogin::respond(setup_, asBytes(kIdentifier), record, *ke1, random_, parametersOf(names));
    REQUIRE(server.has_value());
    Words finish{"client-login-finish", hex(password), start[0], toHex(encode(server->ke2()))};
    appendCost(finish, cost);
    appendNames(finish, names);
    auto loggedIn = peer_.ask(finish);
    if (!loggedIn) return std::nullopt;
    auto ke3 = decode<Ke3>(*fromHex((*loggedIn)[0]));
    REQUIRE(ke3.has_value());
    auto sessionKey = server->finish(*ke3);
    REQUIRE(sessionKey.has_value());
    CHECK((*loggedIn)[3] == toHex(encode(setup_.staticKey.publicKey)));
    return Session{.client = (*loggedIn)[1], .server = toHex(sessionKey->expose()), .exportKey = (*loggedIn)[2]};
  }

 private:
  Peer& peer_;
  SeededRandom random_{2};
  ServerSetup setup_ = ServerSetup::generate(random_);
};

void checkSame(const Account& account, const Session& session) {
  CHECK(session.client.size() == 2 * kHashSize);
  CHECK(session.client == session.server);
  CHECK(session.exportKey == account.exportKey);
}

const std::vector<Names> kNames{{}, {"alice", "example.org"}, {"alice", std::nullopt}, {std::nullopt, "example.org"}};

TEST_CASE("our client registers and logs in at serenity's server") {
  Peer peer = startPeer();
  TheirServer server(peer);
  for (const Names& names : kNames) {
    Account account = server.enroll(names, kCostCheap);
    auto session = server.login(kPassword, &account.record, names, kCostCheap);
    REQUIRE(session.has_value());
    checkSame(account, *session);
    CHECK(server.login("wrong", &account.record, names, kCostCheap).error() == Error::envelopeRecovery);
    CHECK(server.login(kPassword, nullptr, names, kCostCheap).error() == Error::envelopeRecovery);
  }
}

TEST_CASE("serenity's client registers and logs in at our server") {
  Peer peer = startPeer();
  OurServer server(peer);
  for (const Names& names : kNames) {
    Account account = server.enroll(names, kCostCheap);
    auto session = server.login(kPassword, &account.record, names, kCostCheap);
    REQUIRE(session.has_value());
    checkSame(account, *session);
    CHECK_FALSE(server.login("wrong", &account.record, names, kCostCheap).has_value());
    CHECK_FALSE(server.login(kPassword, nullptr, names, kCostCheap).has_value());
  }
}

TEST_CASE("at the real cost, too, both clients make the same of a password") {
  Peer peer = startPeer();
  TheirServer theirs(peer);
  Account atTheirs = theirs.enroll({}, kCostReal);
  auto ourLogin = theirs.login(kPassword, &atTheirs.record, {}, kCostReal);
  REQUIRE(ourLogin.has_value());
  checkSame(atTheirs, *ourLogin);

  OurServer ours(peer);
  Account atOurs = ours.enroll({}, kCostReal);
  auto theirLogin = ours.login(kPassword, &atOurs.record, {}, kCostReal);
  REQUIRE(theirLogin.has_value());
  checkSame(atOurs, *theirLogin);
  CHECK_FALSE(ours.login(kPassword, &atOurs.record, {}, kCostCheap).has_value());
}

}  // namespace
}  // namespace qpq::opaque
