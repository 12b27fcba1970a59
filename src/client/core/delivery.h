#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "client/core/account.h"
#include "client/error.h"
#include "client/view.h"

// What crosses between the engine, which knows the network, and the core, which knows the bytes. Fields as in
// schema/log.capnp: empty where nothing is.
namespace qpq::client::core {

struct PageEntry {
  uint64_t seq = 0;
  uint8_t kind = 0;
  Bytes id;
  Bytes envelope;
  Bytes welcomeHash;
  Bytes welcome;
  // Of an envelope that came by itself, outside the page: what the page said it would be.
  Bytes envelopeHash{};
  uint64_t envelopeLength = 0;
  uint64_t welcomeLength = 0;
};

struct Page {
  LogId log;
  Bytes start;
  std::vector<PageEntry> entries;
  Bytes receipt;
};

struct IndexEntry {
  LogId log;
  uint64_t rightsFrom = 0;
  uint64_t rightsEnd = 0;
  bool hasRights = false;
  std::optional<AccountId> direct;
  std::optional<LogId> successor;
};

// Where this device stands in a log: what follow() and acknowledge() take. Everything up to seq is durable here.
struct Place {
  LogId log;
  uint64_t seq = 0;
};

// An own change or message that is decided.
struct Settled {
  LogId log;
  EntryId id;
  std::optional<Error> problem;  // nothing: it took effect
};

// What an operation made durable, in order. To be told once each.
struct Outcome {
  std::vector<Event> events;
  std::vector<Settled> settled;
  std::vector<Place> follow;  // logs to be followed from here on, or anew
  // Of a page: everything in its log up to here is durable, and may be acknowledged. Nothing: the page was refused.
  std::optional<Place> stored;

  void append(Outcome more);
};

// What goes to Logs.append, byte for byte the same until a commit is read that moves the count.
struct Outgoing {
  LogId log;
  EntryId id;
  Bytes envelope;
  Bytes welcome;            // empty: none
  Bytes tokenHash;          // with a commit
  bool createsLog = false;  // the first entry of a group: Logs.create(log) comes before it
};

// What Logs.refill takes.
struct Refill {
  enum class Kind {
    give,     // these entries; none: it is only asked how far the server goes
    nothing,  // this device has none that begin where the server ends: perhaps others have
    lost,     // the server has gone on differently
  };
  Kind kind = Kind::nothing;
  std::optional<AccountId> partner;  // of a direct log
  std::vector<PageEntry> entries;
  Bytes receipt;
};

// A refusal of the server that no retry mends.
enum class Refusal { unknownDevice, notOnRoster, gone, quota, tooLarge, malformed };

// Whom to add, with one key package per device, as KeyPackages.take answered.
struct Invitation {
  Person person;
  std::vector<Bytes> keyPackages;  // encoded mls::KeyPackage
};

}  // namespace qpq::client::core
