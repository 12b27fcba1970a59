#include "command/commands/account.h"

#include "command/commands/views.h"
#include "command/terminal/safe_text.h"

namespace qpq::command {

namespace {

// A program that has just begun is not connected yet: worth a moment before it is called offline.
constexpr uint64_t kConnectMs = 2 * kSecondMs;

kj::Promise<Outcome<Value>> whoami(client::Client& client, Arguments) {
  co_await client.catchUp(kConnectMs).ignoreResult();
  auto who = co_await client.whoami();
  if (!who) co_return std::unexpected(failureOf(who.error()));
  co_return toValue(*who);
}

std::string showWhoami(const Value& who) {
  std::string text = "@" + safeLine(who.textAt("name")) + " on " + safeLine(who.textAt("server")) +
                     (who.flagAt("online") ? "" : " (offline)");
  text += "\n  account    " + std::string(who.textAt("account"));
  text += "\n  device     " + std::string(who.textAt("device")) + ", one of " + std::to_string(who.numberAt("devices"));
  text += "\n  server key " + std::string(who.textAt("server-key"));
  if (int64_t queued = who.numberAt("queued"); queued > 0) {
    text += "\n  " + std::to_string(queued) + " messages wait for the server";
  }
  return text;
}

kj::Promise<Outcome<Value>> health(client::Client& client, Arguments) {
  auto health = co_await client.health();
  if (!health) co_return std::unexpected(failureOf(health.error()));
  co_return Value::object({{"server", health->server},
                           {"server-key", health->fingerprint},
                           {"round-trip-us", Value::number(health->roundTripUs)}});
}

std::string showHealth(const Value& health) {
  return safeLine(health.textAt("server")) + " answers\n  server key " + std::string(health.textAt("server-key"));
}

std::string showPing(const Value& health) {
  int64_t us = health.numberAt("round-trip-us");
  std::string fraction = std::to_string(us % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return safeLine(health.textAt("server")) + " answered in " + std::to_string(us / 1000) + "." + fraction + " ms";
}

}  // namespace

Command whoamiCommand() {
  return {"whoami", {"whoami"}, "who you are here: account, device, server", {}, whoami, showWhoami};
}
Command healthCommand() {
  return {"health", {}, "whether the server answers, and with which key", {}, health, showHealth};
}
Command pingCommand() { return {"ping", {}, "one round trip to the server and back", {}, health, showPing}; }

}  // namespace qpq::command
