#pragma once

#include <kj/async-io.h>

#include <optional>

#include "server/limits.h"
#include "server/world_test.h"
#include "wire/bulk.h"

namespace qpq::server::testing {

inline Bytes randomBytes(TestWorld& world, std::size_t size) {
  Bytes bytes(size);
  world.random.fill(bytes);
  return bytes;
}

// A signed-in device's bulk streams on one connection, without the network.
class BulkLine {
 public:
  // A stream under way: the other end may have its verdict before it has taken all of it.
  struct Begun {
    kj::Own<kj::AsyncIoStream> stream;
    Bytes bytes;
    kj::Promise<void> writing;
  };

  BulkLine(TestWorld& world, const wire::RosterEntry& device, uint8_t number)
      : world_(world), connection_{number}, session_(world.services().sessions.open(device, connection_)) {}

  UploadOutcome announce(const std::optional<LogId>& log, const Uploaded& bytes) {
    auto& bulk = world_.services().bulk;
    auto session = kj::addRef(live());
    return world_.ask(log ? bulk.putForLog(kj::mv(session), *log, bytes) : bulk.putBlob(kj::mv(session), bytes));
  }
  UploadOutcome put(ByteView bytes, const std::optional<LogId>& log = {}) {
    return announce(log, {crypto::sha256(bytes), bytes.size()});
  }
  DownloadOutcome getBlob(const wire::Hash& hash, uint64_t offset) {
    return world_.ask(world_.services().bulk.getBlob(kj::addRef(live()), hash, offset));
  }
  DownloadOutcome getBody(const LogId& log, uint64_t seq, store::BodyPart part, uint64_t offset = 0) {
    return world_.ask(world_.services().bulk.getBody(kj::addRef(live()), log, seq, part, offset));
  }
  BlobDropped drop(const wire::Hash& hash) {
    return world_.ask(world_.services().bulk.dropBlob(live().account(), hash));
  }
  store::Held held() { return world_.ask(world_.services().bulk.heldBy(live().account())); }

  // The ticket and these bytes, and the stream stays open.
  Begun begin(const UploadStream& terms, ByteView bytes) {
    Begun begun = open();
    write(begun, concat({terms.ticket.view(), bytes}));
    return begun;
  }
  std::optional<wire::BulkVerdict> goOn(Begun& begun, ByteView bytes) {
    write(begun, toBytes(bytes));
    return verdictOf(begun);
  }
  // Nothing: the stream was dropped without one.
  std::optional<wire::BulkVerdict> verdictOf(Begun& begun) {
    Bytes answer(1);
    size_t size = begun.stream->tryRead(answer.data(), 1, 1)
                      .catch_([](kj::Exception&&) { return size_t{0}; })
                      .wait(world_.waitScope);
    if (size == 0) return std::nullopt;
    return decode<wire::BulkVerdict>(answer).value();
  }
  // All at once, to the end.
  std::optional<wire::BulkVerdict> send(const UploadStream& terms, ByteView bytes) {
    Begun begun = begin(terms, bytes);
    begun.writing = begun.writing.then([&begun]() { begun.stream->shutdownWrite(); }).eagerlyEvaluate(nullptr);
    return verdictOf(begun);
  }
  Bytes receive(const wire::BulkTicket& ticket) {
    Begun begun = open();
    write(begun, toBytes(ticket.view()));
    auto bytes = begun.stream->readAllBytes().wait(world_.waitScope);
    return Bytes(bytes.begin(), bytes.end());
  }
  // Before the world is restarted.
  void hangUp() { session_ = nullptr; }

 private:
  Session& live() { return *session_; }
  Begun open() {
    auto pipe = kj::newTwoWayPipe();
    world_.services().bulk.accept(connection_, kj::mv(pipe.ends[0]));
    return {kj::mv(pipe.ends[1]), {}, kj::READY_NOW};
  }
  // What the other end does not take is lost, as on a network.
  void write(Begun& begun, Bytes bytes) {
    begun.bytes = std::move(bytes);
    begun.writing = begun.stream->write(begun.bytes.data(), begun.bytes.size())
                        .catch_([](kj::Exception&&) {})
                        .eagerlyEvaluate(nullptr);
    world_.settle();
  }

  TestWorld& world_;
  const ConnectionId connection_;
  kj::Own<Session> session_;
};

}  // namespace qpq::server::testing
