#include "client/engine/dial.h"

#include "client/engine/failures.h"
#include "loop/co_try.h"
#include "schema/data.h"

namespace qpq::client {

namespace {

Result<wire::VerifiedServerInfo> parseInfo(const Bytes& encoded) {
  auto info = decode<wire::ServerInfo>(encoded);
  if (!info) return std::unexpected(failures::lyingServer("its description cannot be read"));
  auto verified = wire::VerifiedServerInfo::check(*info);
  if (!verified) return std::unexpected(failures::lyingServer("its description is not signed by the key it names"));
  return *verified;
}

}  // namespace

std::string fingerprintOf(const wire::PublicKey& identity) {
  std::string hex = toHex(identity);
  std::string grouped;
  for (std::size_t i = 0; i < hex.size(); i += 4) grouped += (i == 0 ? "" : " ") + hex.substr(i, 4);
  return grouped;
}

Promise<Dialled> dial(const World& world, CoreSeat& core) {
  auto link = co_await world.connector.connect();
  if (!link) co_return std::unexpected(failures::link(link.error()));
  auto answer = co_await link->node.serverInfoRequest().send();
  wire::VerifiedServerInfo info = CO_TRY(parseInfo(schema::bytesOf(answer.getInfo())));

  std::string address = world.connector.address();
  auto pin = co_await core.ask([](core::Core& c) { return c.server(); });
  wire::PublicKey identity = pin ? pin->identity : info->identity;
  if (!wire::checkConnection(info, identity, link->tlsKey)) co_return std::unexpected(failures::serverChanged(address));
  if (!pin) {
    std::string fingerprint = fingerprintOf(info->identity);
    if (!co_await world.trust.trustNewServer(address, fingerprint)) {
      co_return std::unexpected(failures::unknownServer(address, fingerprint));
    }
  }
  auto outcome = CO_TRY(co_await core.ask([address, info](core::Core& c) { return c.noteServer(address, info); }));
  co_return Dialled{kj::mv(*link), kj::mv(info), kj::mv(outcome)};
}

}  // namespace qpq::client
