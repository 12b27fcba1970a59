#include "client/store/server.h"

#include "client/store/stored.h"

namespace qpq::client::store {

Result<std::optional<KnownServer>> Server::read() {
  auto row = TRY(database_.one<std::string, Bytes>("SELECT address, info FROM server"));
  if (!row) return std::optional<KnownServer>();
  auto& [address, bytes] = *row;
  auto info = wire::VerifiedServerInfo::check(TRY(stored<wire::ServerInfo>(bytes)));
  if (!info) return fail(ErrorCode::profileCorrupt, "What this profile knows of its server is damaged.");
  return KnownServer{std::move(address), *std::move(info)};
}

Result<void> Server::put(const std::string& address, const wire::VerifiedServerInfo& info) {
  TRY(
      database_.execute("INSERT INTO server (id, address, info, index_change) VALUES (1, ?, ?, 0) "
                        "ON CONFLICT (id) DO UPDATE SET address = excluded.address, info = excluded.info",
                        address, encode(info.info())));
  return {};
}

Result<uint64_t> Server::indexChange() {
  return TRY(database_.one<uint64_t>("SELECT index_change FROM server")).value_or(0);
}

Result<void> Server::setIndexChange(uint64_t change) {
  TRY(database_.execute("UPDATE server SET index_change = ?", change));
  return {};
}

}  // namespace qpq::client::store
