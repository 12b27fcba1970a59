#pragma once

#include <kj/async.h>
#include <kj/common.h>
#include <kj/memory.h>
#include <kj/refcount.h>

#include <cstdint>
#include <map>

#include "loop/turns.h"
#include "wire/people/device_list.h"
#include "wire/types.h"

namespace qpq::server {

class Sessions;

// What tells connections apart: the exporter value of their TLS session.
using ConnectionId = ByteArray<32>;

// One signed-in device on one connection. Whatever it holds asks `live()` first.
class Session final: public kj::Refcounted {
 public:
  Session(Sessions& sessions, const wire::RosterEntry& device, const ConnectionId& connection, uint64_t number);
  ~Session() noexcept(false) override;

  const wire::RosterEntry& device() const { return device_; }
  const AccountId& account() const { return device_.account; }
  const ConnectionId& connection() const { return connection_; }
  bool hasEnded() const { return ended_; }
  // Throws as if the connection were gone when the session has ended: reconnecting tells why.
  void requireLive() const;
  std::size_t followers() const { return followers_; }
  // For one page read from the store: an account waits behind itself, and others behind one page of it, however many it
  // asks for.
  kj::Promise<kj::Own<loop::Turns<AccountId>::Turn>> readTurn();

 private:
  friend class Sessions;
  friend class Follower;
  Sessions& sessions_;
  const wire::RosterEntry device_;
  const ConnectionId connection_;
  const uint64_t number_;
  bool ended_ = false;
  std::size_t followers_ = 0;
};

// Who is signed in. Outlives every session.
class Sessions {
 public:
  Sessions() = default;
  KJ_DISALLOW_COPY_AND_MOVE(Sessions);

  // Opened before its right is checked and dropped if it has none, so that a revocation in between is not missed.
  kj::Own<Session> open(const wire::RosterEntry& device, const ConnectionId& connection);
  // Ends the sessions of every device that is not an active one of this list.
  void keepOnly(const wire::DeviceList& list);
  std::size_t count() const { return sessions_.size(); }

 private:
  friend class Session;
  // By device and then by age, so that walking them is the same in every run.
  std::map<std::pair<wire::RosterEntry, uint64_t>, Session*> sessions_;
  loop::Turns<AccountId> reads_;
  uint64_t opened_ = 0;
};

}  // namespace qpq::server
