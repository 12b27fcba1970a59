#include <kj/debug.h>

#include "server/limits.h"
#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class FollowingServer final: public schema::Following::Server {
 public:
  FollowingServer(kj::Own<Session> session, kj::Own<Follower> follower)
      : session_(kj::mv(session)), follower_(kj::mv(follower)) {}

  kj::Promise<void> add(AddContext context) override {
    session_->requireLive();
    follower_->add(placesOf(context.getParams().getPlaces()));
    return kj::READY_NOW;
  }

 private:
  kj::Own<Session> session_;
  kj::Own<Follower> follower_;
};

// At least what the page takes as a message. Else each push would clear the 8 KiB a message begins with unless it is
// told.
capnp::MessageSize roomFor(const Page& page) {
  constexpr uint64_t kPageWords = 96, kEntryWords = 24;
  return {kPageWords + page.entries.size() * kEntryWords + page.bytes() / sizeof(capnp::word), 0};
}

class SinkCaller final: public FollowSink {
  using EntriesRequest = capnp::Request<schema::Sink::EntriesParams, schema::Sink::EntriesResults>;

 public:
  explicit SinkCaller(schema::Sink::Client sink): sink_(kj::mv(sink)) {}

  kj::Promise<void> entries(const Page& page) override { return request(page).send().ignoreResult(); }
  // Only what would come of the answer is asked for, and that is nothing: the peer sends none. It is dropped with the
  // next one, since a call that is dropped before it has begun is never made.
  void tellEntries(const Page& page) override { told_ = request(page).sendForPipeline(); }
  kj::Promise<void> indexChanged(uint64_t change) override {
    auto request = sink_.indexChangedRequest();
    request.setChange(change);
    return request.send().ignoreResult();
  }
  kj::Promise<void> devicesChanged(wire::DeviceList list) override {
    auto request = sink_.devicesChangedRequest();
    Bytes encoded = encode(list);
    request.setList(dataOf(encoded));
    return request.send().ignoreResult();
  }
  kj::Promise<void> closing(uint64_t afterMs) override {
    auto request = sink_.closingRequest();
    request.setAfterMs(afterMs);
    return request.send().ignoreResult();
  }

 private:
  EntriesRequest request(const Page& page) {
    auto request = sink_.entriesRequest(roomFor(page));
    setPage(request.initPage(), page);
    return request;
  }

  schema::Sink::Client sink_;
  kj::Maybe<schema::Sink::EntriesResults::Pipeline> told_;
};

}  // namespace

schema::Following::Client makeFollowing(kj::Own<Session> session, kj::Own<Follower> follower) {
  return kj::heap<FollowingServer>(kj::mv(session), kj::mv(follower));
}

kj::Own<FollowSink> makeSink(schema::Sink::Client sink) { return kj::heap<SinkCaller>(kj::mv(sink)); }

std::vector<Place> placesOf(capnp::List<schema::Place>::Reader places) {
  KJ_REQUIRE(places.size() <= kPlacesMax, "too many places in one call");
  std::vector<Place> result;
  for (auto place : places) {
    auto log = idOf<LogId>(place.getLog());
    KJ_REQUIRE(log.has_value(), "a log's id has 16 bytes");
    result.push_back({*log, place.getSeq()});
  }
  return result;
}

}  // namespace qpq::server::rpc
