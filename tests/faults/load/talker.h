#pragma once

#include <array>
#include <optional>
#include <string>

#include "bench/lean_device.h"
#include "hall.h"

namespace qpq::faults {

// One device that appends to its own log as fast as it is answered, follows that log and its neighbour's, and comes
// back whenever the server has gone. An entry is sent again, byte for byte, until there is a receipt for it.
//
// In every other log the readers acknowledge, so that those are pruned under way; the others stay whole, and all that
// was ever said there can be looked at in the end.
class Talker {
 public:
  // The person with this number.
  Talker(Hall& hall, std::size_t number);
  KJ_DISALLOW_COPY_AND_MOVE(Talker);

  // Until the hall is stopping, every entry has its receipt, and both readers have seen all that was promised.
  kj::Promise<void> live();
  uint64_t sessions() const { return sessions_; }

 private:
  class Sink;
  struct Pending {
    EntryId id;
    Bytes envelope;
    wire::Hash hash;
  };
  struct Followed {
    Reading reading;
    bool isAcknowledged;
  };

  kj::Promise<void> visit(uint64_t signInMs);
  kj::Promise<void> session(uint64_t signInMs);
  kj::Promise<schema::Following::Client> follow(schema::Logs::Client logs, const wire::VerifiedServerInfo& server);
  kj::Promise<void> append(schema::Logs::Client logs, const wire::VerifiedServerInfo& server);
  kj::Promise<void> readOn();
  void take(schema::Page::Reader page, schema::Logs::Client logs, const wire::VerifiedServerInfo& server);
  void acknowledge(Reading& reading, schema::Logs::Client logs);
  Pending next();
  bool hasAll() const;
  bool isDone() const { return hall_.stopping && !pending_ && hasAll(); }

  Hall& hall_;
  const Person& self_;
  const uint16_t host_;
  std::array<Followed, 2> followed_;
  std::optional<Pending> pending_;
  uint64_t sessions_ = 0;
};

}  // namespace qpq::faults
