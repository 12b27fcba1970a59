#include "look.h"

#include <kj/debug.h>
#include <kj/vector.h>

#include <format>

#include "bench/lean_device.h"
#include "schema/data.h"
#include "server/limits.h"

namespace qpq::faults {

namespace {

using schema::dataOf;

constexpr int kTriesMax = 20;

void judgeEnd(Hall& hall, const Reading& reading, const wire::LogPlace& head) {
  uint64_t promised = reading.history().newestPromised();
  if (reading.isBroken()) return;
  if (reading.place().seq < promised) {
    hall.counts.lost += promised - reading.place().seq;
    complain(reading.log(), std::format("it ends at {}, and {} was promised", reading.place().seq, promised));
  } else if (reading.place() != head) {
    ++hall.counts.broken;
    complain(reading.log(), std::format("it ends at {}, and its head says {}", reading.place().seq, head.seq));
  }
}

kj::Promise<void> readToEnd(schema::Logs::Client logs, Reading& reading, const wire::VerifiedServerInfo& server) {
  for (bool goesOn = true; goesOn && !reading.isBroken();) {
    auto request = logs.readRequest();
    request.setLog(dataOf(reading.log().view()));
    request.setAfter(reading.place().seq);
    request.setEntriesMax(server::kReadEntriesMax);
    request.setBytesMax(server::kReadBytesMax);
    auto response = co_await request.send();
    auto outcome = response.getOutcome();
    uint64_t before = reading.place().seq;
    if (outcome.isPage()) {
      reading.take(outcome.getPage(), server);
    } else if (outcome.isPruned()) {
      reading.takePruned(outcome.getPruned(), server);
    } else {
      reading.fail("it cannot be read");
    }
    goesOn = reading.place().seq > before;
  }
}

kj::Promise<wire::LogPlace> headOf(schema::Logs::Client logs, const LogId& log,
                                   const wire::VerifiedServerInfo& server) {
  auto request = logs.headRequest();
  request.setLog(dataOf(log.view()));
  auto response = co_await request.send();
  KJ_REQUIRE(response.getOutcome().isHead(), "a log has no head");
  auto head = decode<wire::SignedHead>(schema::viewOf(response.getOutcome().getHead()));
  auto attested = head ? wire::Attestation::check(*head, server)
                       : wire::Result<wire::Attestation>(std::unexpected(wire::Error(head.error())));
  KJ_REQUIRE(attested.has_value(), "a head is not the server's");
  co_return attested->place();
}

kj::Promise<void> lookAs(Hall& hall, std::size_t number) {
  const Person& self = hall.people[number];
  std::size_t people = hall.people.size();
  auto host = static_cast<uint16_t>(number / kPeoplePerHost + 1);
  auto device = co_await bench::LeanDevice::resume(hall.clients, hall.server, host, self.identity, self.log);
  auto server = co_await hall.serverOf(device->connection());
  for (std::size_t owner : {number, (number + people - 1) % people}) {
    Reading reading = hall.readingFromStart(hall.people[owner].log, self.identity.entry.device);
    wire::LogPlace head;
    // Others may be writing: then the head has moved on meanwhile, and there is more to read.
    for (int i = 0; i < kTriesMax && !reading.isBroken() && (i == 0 || reading.place().seq < head.seq); ++i) {
      co_await readToEnd(device->logs(), reading, server);
      head = co_await headOf(device->logs(), reading.log(), server);
    }
    judgeEnd(hall, reading, head);
  }
}

}  // namespace

kj::Promise<void> lookThrough(Hall& hall) {
  kj::Vector<kj::Promise<void>> all;
  for (std::size_t i = 0; i < hall.people.size(); ++i) all.add(lookAs(hall, i));
  co_await kj::joinPromises(all.releaseAsArray());
}

}  // namespace qpq::faults
