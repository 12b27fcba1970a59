#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

ServerState copyOf(const ServerState& state) {
  return {state.incarnation, state.identitySeed.clone(), state.opaqueSetup.clone()};
}

ReceiptKeySeed copyOf(const ReceiptKeySeed& key) { return {key.id, key.seed.clone(), key.fromMs}; }

ServerRow copyOf(const ServerRow& row) { return {copyOf(row.state), row.refillWindowMs, row.refillUntilMs}; }

}  // namespace

Result<std::optional<ServerState>> State::read() {
  const ServerRow* row = data_.server.find(Only::row);
  if (row == nullptr) return std::nullopt;
  return copyOf(row->state);
}

Result<void> State::make(const ServerState& state) {
  TRY(data_.mayWrite());
  if (data_.server.find(Only::row) != nullptr) return failed("the server has been made");
  data_.server.put(Only::row, {copyOf(state)});
  return {};
}

Result<std::vector<ReceiptKeySeed>> State::receiptKeys() {
  std::vector<ReceiptKeySeed> keys;
  for (const auto& [id, key] : data_.receiptKeys.rows()) keys.push_back(copyOf(key));
  return keys;
}

Result<void> State::addReceiptKey(const ReceiptKeySeed& key) {
  TRY(data_.mayWrite());
  if (data_.receiptKeys.find(key.id) != nullptr) return failed("there is a receipt key of this id");
  data_.receiptKeys.put(key.id, copyOf(key));
  return {};
}

Result<void> State::beginIncarnation(const Incarnation& incarnation, uint64_t refillWindowMs) {
  TRY(data_.mayWrite());
  const ServerRow* before = data_.server.find(Only::row);
  if (before == nullptr) return {};
  ServerRow row = copyOf(*before);
  row.state.incarnation = incarnation;
  row.refillWindowMs = refillWindowMs;
  row.refillUntilMs.reset();
  data_.server.put(Only::row, std::move(row));
  return {};
}

Result<RefillWindow> State::refillWindow(Instant now) {
  TRY(data_.mayWrite());
  const ServerRow* before = data_.server.find(Only::row);
  if (before == nullptr) return RefillWindow();
  ServerRow row = copyOf(*before);
  if (!row.refillUntilMs) row.refillUntilMs = now.unixMs + row.refillWindowMs;
  RefillWindow window{{*row.refillUntilMs}, row.refillWindowMs};
  data_.server.put(Only::row, std::move(row));
  return window;
}

Result<std::optional<Instant>> State::age() {
  const Instant* age = data_.age.find(Only::row);
  return age != nullptr ? std::optional(*age) : std::nullopt;
}

Result<void> State::setAge(Instant age) {
  TRY(data_.mayWrite());
  data_.age.put(Only::row, age);
  return {};
}

Result<void> State::probe() { return data_.mayWrite(); }

}  // namespace qpq::server::store::memory
