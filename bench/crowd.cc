#include "crowd.h"

#include <format>
#include <utility>

namespace qpq::bench {

namespace {

// Below what the server holds for one address, and begins for one at once.
constexpr uint64_t kConnectionsPerHost = 125;

kj::Promise<void> connectOne(ClientLoop& clients, const quic::SocketAddress& server, uint16_t host,
                             const Member& member, Step& first, kj::Own<LeanDevice>& into) {
  auto connection = co_await clients.connect(server, host);
  into = kj::heap<LeanDevice>(clients, kj::mv(connection), member.identity, member.log);
  co_await first(*into);
}

kj::Promise<void> signInOne(LeanDevice& device) {
  co_await device.greet();
  co_await device.signIn();
}

}  // namespace

Members seedPeople(Seeder& seeder, std::string_view prefix, std::size_t count, uint64_t messages, std::size_t size) {
  Members members;
  for (std::size_t i = 0; i < count; ++i) {
    Identity identity = seeder.addAccount(std::format("{}-{}", prefix, i));
    auto log = seeder.addLog(identity);
    seeder.addMessages(log, messages, size);
    members.emplace_back(std::move(identity), log.id);
  }
  return members;
}

Members seedGroup(Seeder& seeder, std::string_view prefix, std::size_t count) {
  Members members;
  std::vector<const Identity*> identities;
  for (std::size_t i = 0; i < count; ++i) {
    members.emplace_back(seeder.addAccount(std::format("{}-{}", prefix, i)), LogId());
    identities.push_back(&members.back().identity);
  }
  LogId log = seeder.addLog(identities).id;
  for (Member& member : members) member.log = log;
  return members;
}

kj::Promise<Devices> connectAll(ClientLoop& clients, const quic::SocketAddress& server, const Members& members,
                                Step first) {
  Devices devices(members.size());
  uint16_t host = 0;
  co_await forEach(members.size(), kHandshakesAtOnce, [&](uint64_t i) {
    if (i % kConnectionsPerHost == 0) host = clients.freshHost();
    return connectOne(clients, server, host, members[i], first, devices[i]);
  });
  co_return kj::mv(devices);
}

kj::Promise<Devices> resumeAll(ClientLoop& clients, const quic::SocketAddress& server, const Members& members) {
  return connectAll(clients, server, members, signInOne);
}

}  // namespace qpq::bench
