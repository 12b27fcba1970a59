#include "talker.h"

#include <kj/debug.h>

#include <algorithm>

#include "crypto/hash.h"
#include "schema/data.h"
#include "wire/logs/terms.h"

namespace qpq::faults {

namespace {

using schema::dataOf;

// A server on this machine that has not answered by then is gone, or as good as that.
constexpr uint64_t kPatienceMs = 1'000;
// For a sign-in: short, since a server that starts just then is met by the next try; longer with each try that fails,
// since a handshake over a bad line takes its time.
constexpr uint64_t kSignInMs = 500;
constexpr uint64_t kSignInMsMax = 8'000;
// Between two tries: short, so that a server meets everyone again right after its start.
constexpr uint64_t kPauseMs = 30;
// A server may ask for longer; the run must be able to end.
constexpr uint64_t kWaitMsMax = 200;

template <class T>
kj::Promise<T> within(bench::ClientLoop& clients, uint64_t ms, kj::Promise<T> promise) {
  return clients.timer.timeoutAfter(ms * kj::MILLISECONDS, kj::mv(promise));
}

kj::Promise<void> pause(bench::ClientLoop& clients, uint64_t ms) {
  return clients.timer.afterDelay(ms * kj::MILLISECONDS);
}

}  // namespace

// Where the server pushes to in one session. It may outlive that; what comes then is nobody's.
class Talker::Sink final: public schema::Sink::Server {
 public:
  Sink(Talker& talker, schema::Logs::Client logs, wire::VerifiedServerInfo server)
      : talker_(talker), session_(talker.sessions_), logs_(kj::mv(logs)), server_(std::move(server)) {}

  kj::Promise<void> entries(EntriesContext context) override {
    if (session_ == talker_.sessions_) talker_.take(context.getParams().getPage(), logs_, server_);
    return kj::READY_NOW;
  }
  kj::Promise<void> indexChanged(IndexChangedContext) override { return kj::READY_NOW; }
  kj::Promise<void> devicesChanged(DevicesChangedContext) override { return kj::READY_NOW; }
  kj::Promise<void> closing(ClosingContext) override { return kj::READY_NOW; }

 private:
  Talker& talker_;
  const uint64_t session_;
  schema::Logs::Client logs_;
  const wire::VerifiedServerInfo server_;
};

Talker::Talker(Hall& hall, std::size_t number)
    : hall_(hall),
      self_(hall.people[number]),
      host_(static_cast<uint16_t>(number / kPeoplePerHost + 1)),
      followed_([&]() {
        auto of = [&](std::size_t owner) {
          return Followed{hall.readingOf(hall.people[owner].log, self_.identity.entry.device), owner % 2 == 0};
        };
        std::size_t people = hall.people.size();
        return std::array{of(number), of((number + people - 1) % people)};
      }()) {}

kj::Promise<void> Talker::live() {
  for (uint64_t signInMs = kSignInMs; !isDone();) {
    uint64_t before = hall_.counts.acknowledged;
    try {
      co_await visit(signInMs);
    } catch (const kj::Exception&) {
      // The server is gone, or does not answer: that is what this run is about.
    }
    ++sessions_;
    signInMs = hall_.counts.acknowledged > before ? kSignInMs : std::min(2 * signInMs, kSignInMsMax);
    if (!isDone()) co_await pause(hall_.clients, kPauseMs);
  }
}

kj::Promise<void> Talker::visit(uint64_t signInMs) {
  if (hall_.stayMsMax == 0 || hall_.stopping) return session(signInMs);
  auto draw = hall_.clients.random.bytes<4>();
  uint64_t drawn = uint64_t{draw[0]} << 16 | uint64_t{draw[1]} << 8 | draw[2];
  return session(signInMs).exclusiveJoin(pause(hall_.clients, drawn % hall_.stayMsMax));
}

kj::Promise<void> Talker::session(uint64_t signInMs) {
  auto& clients = hall_.clients;
  auto device = co_await within(clients, signInMs,
                                bench::LeanDevice::resume(clients, hall_.server, host_, self_.identity, self_.log));
  auto server = co_await within(clients, signInMs, hall_.serverOf(device->connection()));
  auto following = co_await within(clients, signInMs, follow(device->logs(), server));
  while (!isDone()) co_await (hall_.stopping && !pending_ ? readOn() : append(device->logs(), server));
}

kj::Promise<schema::Following::Client> Talker::follow(schema::Logs::Client logs,
                                                      const wire::VerifiedServerInfo& server) {
  auto request = logs.followRequest();
  auto places = request.initPlaces(static_cast<uint32_t>(followed_.size()));
  for (uint32_t i = 0; i < followed_.size(); ++i) {
    places[i].setLog(dataOf(followed_[i].reading.log().view()));
    places[i].setSeq(followed_[i].reading.place().seq);
  }
  request.setSink(kj::heap<Sink>(*this, kj::mv(logs), server));
  auto response = co_await request.send();
  co_return response.getFollowing();
}

Talker::Pending Talker::next() {
  EntryId id = EntryId::random(hall_.clients.random);
  // Up to 2 KiB: a few of them fill a page of the store, one of them never more than one.
  auto size = hall_.clients.random.bytes<2>();
  wire::Terms terms{.id = id, .commitsSeen = 1, .body = wire::MessageTerms()};
  Bytes envelope = bench::noiseEnvelope(self_.log, terms, (std::size_t{size[0]} << 8 | size[1]) % 2'048);
  wire::Hash hash = crypto::sha256(envelope);
  return {id, std::move(envelope), hash};
}

kj::Promise<void> Talker::append(schema::Logs::Client logs, const wire::VerifiedServerInfo& server) {
  if (!pending_) pending_ = next();
  auto request = logs.appendRequest();
  request.setLog(dataOf(self_.log.view()));
  request.setEnvelope(dataOf(pending_->envelope));
  kj::Promise<capnp::Response<schema::Logs::AppendResults>> answer = request.send();
  auto response = co_await within(hall_.clients, kPatienceMs, kj::mv(answer));
  auto outcome = response.getOutcome();
  if (outcome.isRate()) {
    co_await pause(hall_.clients, std::min(outcome.getRate(), kWaitMsMax));
  } else if (outcome.isReceipt() &&
             hall_.receive(self_.log, pending_->id, pending_->hash, outcome.getReceipt(), server)) {
    pending_.reset();
  } else {
    ++hall_.counts.broken;
    complain(self_.log, outcome.isReceipt() ? "a receipt is not right" : "an append was refused");
    pending_.reset();
  }
}

// Until something has come.
kj::Promise<void> Talker::readOn() {
  uint64_t before = hall_.counts.delivered;
  for (uint64_t waitedMs = 0; !isDone() && hall_.counts.delivered == before; waitedMs += kPauseMs) {
    KJ_REQUIRE(waitedMs < kPatienceMs, "nothing comes any more");
    co_await pause(hall_.clients, kPauseMs);
  }
}

void Talker::take(schema::Page::Reader page, schema::Logs::Client logs, const wire::VerifiedServerInfo& server) {
  auto log = schema::idOf<LogId>(page.getLog());
  for (auto& [reading, isAcknowledged] : followed_) {
    if (log != reading.log()) continue;
    reading.take(page, server);
    if (isAcknowledged && !reading.isBroken()) acknowledge(reading, logs);
  }
}

void Talker::acknowledge(Reading& reading, schema::Logs::Client logs) {
  hall_.acknowledged(reading, self_.identity.entry.device);
  reading.acknowledge();
  auto request = logs.acknowledgeRequest();
  auto place = request.initPlaces(1)[0];
  place.setLog(dataOf(reading.log().view()));
  place.setSeq(reading.place().seq);
  // One that is lost costs nothing: the next one says the same.
  request.send().ignoreResult().detach([](kj::Exception&&) {});
}

bool Talker::hasAll() const {
  return std::ranges::all_of(followed_, [](const Followed& followed) {
    return followed.reading.isBroken() || followed.reading.place().seq >= followed.reading.history().newestPromised();
  });
}

}  // namespace qpq::faults
