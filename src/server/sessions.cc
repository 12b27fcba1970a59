#include "server/sessions.h"

#include <kj/debug.h>

namespace qpq::server {

Session::Session(Sessions& sessions, const wire::RosterEntry& device, const ConnectionId& connection, uint64_t number)
    : sessions_(sessions), device_(device), connection_(connection), number_(number) {
  sessions_.sessions_.emplace(std::pair(device_, number_), this);
}

Session::~Session() noexcept(false) { sessions_.sessions_.erase({device_, number_}); }

void Session::requireLive() const {
  if (ended_) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "this session has ended"));
}

kj::Promise<kj::Own<loop::Turns<AccountId>::Turn>> Session::readTurn() { return sessions_.reads_.take(account()); }

kj::Own<Session> Sessions::open(const wire::RosterEntry& device, const ConnectionId& connection) {
  return kj::refcounted<Session>(*this, device, connection, ++opened_);
}

void Sessions::keepOnly(const wire::DeviceList& list) {
  auto first = sessions_.lower_bound({wire::RosterEntry{list.tbs.account, {}}, 0});
  for (auto session = first; session != sessions_.end(); ++session) {
    const wire::RosterEntry& device = session->first.first;
    if (device.account != list.tbs.account) break;
    const wire::ListedDevice* listed = list.tbs.devices.find(device.device);
    if (listed == nullptr || listed->state != wire::DeviceState::active) session->second->ended_ = true;
  }
}

}  // namespace qpq::server
