#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "client/store/failure.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::client::store {

enum class MessageState : uint8_t { queued = 1, delivered = 2, received = 3, failed = 4 };
constexpr bool isKnown(MessageState state) { return state >= MessageState::queued && state <= MessageState::failed; }

struct Message {
  LogId log;
  EntryId id;
  wire::RosterEntry author;
  Instant sent;
  std::optional<uint64_t> seq;  // nothing while queued
  MessageState state{};
  uint16_t type = 0;
  Bytes body;
  std::string problem;
};

// What people wrote. A message is known by its log, its author's device and its id: a second one is none.
class Messages {
 public:
  explicit Messages(sql::Database& database): database_(database) {}

  enum class Added { yes, known };
  [[nodiscard]] Result<Added> add(const Message& message);
  [[nodiscard]] Result<std::optional<Message>> find(const LogId& log, const DeviceId& device, const EntryId& id);
  // The first of this id, whoever's: a server takes an id once in a log.
  [[nodiscard]] Result<std::optional<Message>> find(const LogId& log, const EntryId& id);
  [[nodiscard]] Result<void> deliver(const LogId& log, const DeviceId& device, const EntryId& id, uint64_t seq);
  [[nodiscard]] Result<void> fail(const LogId& log, const DeviceId& device, const EntryId& id,
                                  const std::string& problem);
  // The log goes on anew behind `seq`; what stood there is put at `seq`, or before it if a person has read it. Answers
  // the new mark of what is read: nothing is told twice and nothing passed over. (All of it is read if `seq` is 0.)
  [[nodiscard]] Result<uint64_t> moveBack(const LogId& log, uint64_t seq, uint64_t readSeq);

  // Newest last; what is queued stands behind what has its place.
  [[nodiscard]] Result<std::vector<Message>> newest(const LogId& log, uint32_t countMax);
  [[nodiscard]] Result<std::vector<Message>> newestOfType(const LogId& log, uint16_t type, uint32_t countMax);
  // Those of an account that bring a file, wherever it sent them, by its own clock.
  [[nodiscard]] Result<std::vector<Message>> newestFilesOf(const AccountId& account, uint32_t countMax);
  // Received ones behind `seq`, oldest first. Those that share a place are not divided: there may be more than
  // countMax.
  [[nodiscard]] Result<std::vector<Message>> receivedAfter(const LogId& log, uint64_t seq, uint32_t countMax);
  [[nodiscard]] Result<uint64_t> countReceivedAfter(const LogId& log, uint64_t seq);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
