#pragma once

#include <map>

#include "base/bytes.h"
#include "quic/connection_id.h"
#include "quic/udp_socket.h"

namespace qpq::quic {

// Whoever a datagram is for: a client whose turn has not come, a living connection, or what is left of a closed one.
class Recipient {
 public:
  virtual void receive(const IncomingDatagram& datagram) = 0;
  // Nobody knows yet who sends it: it costs work, and others go first.
  virtual bool isStranger() const { return false; }

 protected:
  ~Recipient() = default;
};

// From the connection id in a datagram to its recipient. Ordered maps and not hash tables: a client chooses its first
// destination id, and nothing it can choose makes an ordered map slow.
class RoutingTable {
 public:
  using ResetToken = ByteArray<16>;

  Recipient* find(const ConnectionId& id) const;
  // RFC 9000 §10.3: a stateless reset bears no connection id; its last 16 bytes are a token the peer once gave us.
  Recipient* findByReset(ByteView datagram) const;

  void add(const ConnectionId& id, Recipient& recipient) { byId_[id] = &recipient; }
  void remove(const ConnectionId& id, Recipient& recipient);  // if it is still his
  void addReset(const ResetToken& token, Recipient& recipient) { byReset_[token] = &recipient; }
  void removeReset(const ResetToken& token, Recipient& recipient);
  std::size_t size() const { return byId_.size(); }

 private:
  std::map<ConnectionId, Recipient*> byId_;
  std::map<ResetToken, Recipient*> byReset_;
};

}  // namespace qpq::quic
