#include "client/store/messages.h"

#include <algorithm>
#include <utility>

#include "wire/inside/content.h"

namespace qpq::client::store {

namespace {

Result<std::vector<Message>> readAll(sql::Rows rows) {
  std::vector<Message> found;
  while (TRY(rows.next())) {
    auto [log, id, account, device, sentMs, seq, state, type, body, problem] =
        TRY(rows.read<LogId, EntryId, AccountId, DeviceId, uint64_t, std::optional<uint64_t>, MessageState, uint16_t,
                      Bytes, std::string>());
    found.push_back({.log = log,
                     .id = id,
                     .author = {account, device},
                     .sent = {sentMs},
                     .seq = seq,
                     .state = state,
                     .type = type,
                     .body = std::move(body),
                     .problem = std::move(problem)});
  }
  return found;
}

}  // namespace

Result<Messages::Added> Messages::add(const Message& m) {
  uint64_t rows = TRY(
      database_.execute("INSERT INTO message (log, seq, entry, account, device, sent_ms, type, body, state, problem) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log, device, entry) DO NOTHING",
                        m.log, m.seq, m.id, m.author.account, m.author.device, m.sent.unixMs, m.type, ByteView(m.body),
                        m.state, m.problem));
  return rows == 0 ? Added::known : Added::yes;
}

Result<std::optional<Message>> Messages::find(const LogId& log, const DeviceId& device, const EntryId& id) {
  auto found = TRY(readAll(
      TRY(database_.query("SELECT log, entry, account, device, sent_ms, seq, state, type, body, problem FROM message "
                          "WHERE log = ? AND device = ? AND entry = ?",
                          log, device, id))));
  if (found.empty()) return std::optional<Message>();
  return std::move(found.front());
}

Result<std::optional<Message>> Messages::find(const LogId& log, const EntryId& id) {
  auto found = TRY(readAll(
      TRY(database_.query("SELECT log, entry, account, device, sent_ms, seq, state, type, body, problem FROM message "
                          "WHERE log = ? AND entry = ? ORDER BY id LIMIT 1",
                          log, id))));
  if (found.empty()) return std::optional<Message>();
  return std::move(found.front());
}

Result<void> Messages::deliver(const LogId& log, const DeviceId& device, const EntryId& id, uint64_t seq) {
  TRY(database_.execute(
      "UPDATE message SET seq = ?, state = ?, problem = '' WHERE log = ? AND device = ? AND entry = ?", seq,
      MessageState::delivered, log, device, id));
  return {};
}

Result<void> Messages::fail(const LogId& log, const DeviceId& device, const EntryId& id, const std::string& problem) {
  TRY(database_.execute("UPDATE message SET state = ?, problem = ? WHERE log = ? AND device = ? AND entry = ?",
                        MessageState::failed, problem, log, device, id));
  return {};
}

Result<uint64_t> Messages::moveBack(const LogId& log, uint64_t seq, uint64_t readSeq) {
  if (readSeq < seq) {
    TRY(database_.execute("UPDATE message SET seq = ? WHERE log = ? AND seq > ?", seq, log, seq));
    return readSeq;
  }
  uint64_t read = seq == 0 ? 0 : seq - 1;
  TRY(database_.execute("UPDATE message SET seq = ? WHERE log = ? AND seq > ? AND seq <= ?", read, log, read, readSeq));
  TRY(database_.execute("UPDATE message SET seq = ? WHERE log = ? AND seq > ?", seq, log, seq));
  return read;
}

Result<std::vector<Message>> Messages::newest(const LogId& log, uint32_t countMax) {
  auto found = TRY(readAll(
      TRY(database_.query("SELECT log, entry, account, device, sent_ms, seq, state, type, body, problem FROM message "
                          "WHERE log = ? ORDER BY seq IS NULL DESC, seq DESC, id DESC LIMIT ?",
                          log, countMax))));
  std::ranges::reverse(found);
  return found;
}

Result<std::vector<Message>> Messages::newestOfType(const LogId& log, uint16_t type, uint32_t countMax) {
  auto found = TRY(readAll(
      TRY(database_.query("SELECT log, entry, account, device, sent_ms, seq, state, type, body, problem FROM message "
                          "WHERE log = ? AND type = ? ORDER BY seq IS NULL DESC, seq DESC, id DESC LIMIT ?",
                          log, type, countMax))));
  std::ranges::reverse(found);
  return found;
}

Result<std::vector<Message>> Messages::newestFilesOf(const AccountId& account, uint32_t countMax) {
  // As the index has it: a bound type would not be looked up there.
  static_assert(std::to_underlying(wire::ContentType::file) == 2);
  auto found = TRY(readAll(
      TRY(database_.query("SELECT log, entry, account, device, sent_ms, seq, state, type, body, problem FROM message "
                          "WHERE account = ? AND type = 2 ORDER BY sent_ms DESC, id DESC LIMIT ?",
                          account, countMax))));
  std::ranges::reverse(found);
  return found;
}

Result<std::vector<Message>> Messages::receivedAfter(const LogId& log, uint64_t seq, uint32_t countMax) {
  return readAll(TRY(
      database_.query("SELECT log, entry, account, device, sent_ms, seq, state, type, body, problem FROM message "
                      "WHERE log = ?1 AND seq > ?2 AND state = ?3 AND seq <= (SELECT max(seq) FROM (SELECT seq FROM "
                      "message WHERE log = ?1 AND seq > ?2 AND state = ?3 ORDER BY seq LIMIT ?4)) ORDER BY seq, id",
                      log, seq, MessageState::received, countMax)));
}

Result<uint64_t> Messages::countReceivedAfter(const LogId& log, uint64_t seq) {
  return TRY(database_.one<uint64_t>("SELECT count(*) FROM message WHERE log = ? AND seq > ? AND state = ?", log, seq,
                                     MessageState::received))
      .value_or(0);
}

}  // namespace qpq::client::store
