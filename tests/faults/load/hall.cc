#include "hall.h"

#include "bench/must.h"
#include "schema/data.h"

namespace qpq::faults {

using schema::viewOf;

Hall::Hall(bench::ClientLoop& clients, const quic::SocketAddress& server, const std::filesystem::path& folder)
    : clients(clients), server(server), people(readPeople(folder / "people")), ledger_(folder / "ledger") {
  for (const Person& person : people) histories_.emplace(person.log, History(person.log, counts));
  LedgerContent content = readLedger(folder / "ledger");
  acknowledged_ = std::move(content.acknowledged);
  for (const Promise& promise : content.promises) historyOf(promise.log).promised(promise.seq, promise.said);
}

Reading Hall::readingOf(const LogId& log, const DeviceId& device) {
  auto found = acknowledged_.find({log, device});
  if (found == acknowledged_.end()) return readingFromStart(log, device);
  return {log, found->second, found->second.seq, historyOf(log), counts};
}

Reading Hall::readingFromStart(const LogId& log, const DeviceId& device) {
  auto found = acknowledged_.find({log, device});
  uint64_t acknowledged = found == acknowledged_.end() ? 0 : found->second.seq;
  return {log, wire::LogPlace::start(log), acknowledged, historyOf(log), counts};
}

kj::Promise<wire::VerifiedServerInfo> Hall::serverOf(quic::RpcClient& connection) {
  auto told = co_await bench::nodeOf(connection).serverInfoRequest().send();
  auto info = bench::must(decode<wire::ServerInfo>(viewOf(told.getInfo())));
  auto verified = wire::VerifiedServerInfo::check(std::move(info));
  KJ_REQUIRE(verified.has_value(), "the server's own signature is wrong");
  if (!identity_) identity_ = (*verified)->identity;
  const auto& key = connection.connection().peerKey();
  if (!key || !wire::checkConnection(*verified, *identity_, *key)) {
    ++counts.broken;
    KJ_FAIL_REQUIRE("the server has become another");
  }
  co_return *std::move(verified);
}

bool Hall::receive(const LogId& log, const EntryId& id, const wire::Hash& envelope, capnp::Data::Reader receipt,
                   const wire::VerifiedServerInfo& server) {
  auto decoded = decode<wire::Receipt>(viewOf(receipt));
  if (!decoded || !wire::Attestation::check(*decoded, server)) return false;
  const wire::ReceiptLeaf& leaf = decoded->leaf;
  if (leaf.log != log || leaf.id != id || leaf.envelope != envelope) return false;
  Said said{id, envelope, leaf.head};
  ledger_.promised(log, leaf.seq, said);
  historyOf(log).promised(leaf.seq, said);
  return true;
}

}  // namespace qpq::faults
