#include "quic/routing.h"

#include <algorithm>

namespace qpq::quic {

Recipient* RoutingTable::find(const ConnectionId& id) const {
  auto found = byId_.find(id);
  return found == byId_.end() ? nullptr : found->second;
}

Recipient* RoutingTable::findByReset(ByteView datagram) const {
  ResetToken token;
  constexpr std::size_t kResetMin = 5 + 16;  // RFC 9000 §10.3
  bool longHeader = !datagram.empty() && (datagram[0] & 0x80) != 0;
  if (longHeader || datagram.size() < kResetMin) return nullptr;
  std::ranges::copy(datagram.last(token.size()), token.begin());
  auto found = byReset_.find(token);
  return found == byReset_.end() ? nullptr : found->second;
}

void RoutingTable::remove(const ConnectionId& id, Recipient& recipient) {
  auto found = byId_.find(id);
  if (found != byId_.end() && found->second == &recipient) byId_.erase(found);
}

void RoutingTable::removeReset(const ResetToken& token, Recipient& recipient) {
  auto found = byReset_.find(token);
  if (found != byReset_.end() && found->second == &recipient) byReset_.erase(found);
}

}  // namespace qpq::quic
