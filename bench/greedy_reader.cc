#include "greedy_reader.h"

#include <algorithm>

#include "quic/rpc.h"
#include "schema/data.h"
#include "server/limits.h"

namespace qpq::bench {

namespace {

constexpr uint16_t kHost = 19'000;  // nobody else of a bench comes from there

// Page after page from this place on, and from the beginning again at the end.
kj::Promise<void> readOn(LeanDevice& device, uint64_t after, uint64_t entries, std::atomic<uint64_t>& bytes) {
  for (;;) {
    auto request = device.logs().readRequest();
    request.setLog(schema::dataOf(device.log().view()));
    request.setAfter(after);
    request.setEntriesMax(uint32_t{server::kReadEntriesMax});
    request.setBytesMax(uint32_t{server::kReadBytesMax});
    auto response = co_await request.send();
    auto page = response.getOutcome().getPage();
    for (auto entry : page.getEntries()) {
      bytes += entry.getEnvelope().size();
      after = entry.getSeq();
    }
    if (page.getEntries().size() == 0 || after >= entries) after = 0;
  }
}

}  // namespace

GreedyReader::GreedyReader(const quic::SocketAddress& server, const Member& member, uint64_t entries) {
  thread_.emplace([this, server, &member, entries](const AttackThread::Stopped& stopped) {
    read(server, member, entries, stopped);
  });
}

void GreedyReader::read(const quic::SocketAddress& server, const Member& member, uint64_t entries,
                        const AttackThread::Stopped& stopped) {
  ClientLoop clients;
  auto device = clients.wait(LeanDevice::resume(clients, server, kHost, member.identity, member.log));
  Deliveries deliveries;
  clients.wait(device->follow(0, deliveries));
  const uint64_t lanes = quic::RpcLimits().unansweredCallsMax - 1;
  auto reading = forEach(lanes, lanes, [&](uint64_t i) {
                   return readOn(*device, entries / lanes * i, entries, bytes_);
                 }).eagerlyEvaluate(nullptr);
  while (!stopped) {
    clients.wait(clients.timer.afterDelay(20 * kj::MILLISECONDS));
    pushed_ = deliveries.entries();
  }
  reading = nullptr;
  device = nullptr;
}

}  // namespace qpq::bench
