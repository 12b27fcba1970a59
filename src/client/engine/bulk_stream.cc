#include "client/engine/bulk_stream.h"

#include <kj/debug.h>

#include <algorithm>

#include "schema/data.h"

namespace qpq::client {

kj::Promise<kj::Own<kj::AsyncIoStream>> beginBulk(const World& world, Online& online, capnp::Data::Reader ticket) {
  Bytes bytes = schema::bytesOf(ticket);
  auto stream = co_await online.server.link.openStream();
  co_await inTime(world, stream->write(bytes.data(), bytes.size()));
  co_return kj::mv(stream);
}

kj::Promise<bool> putBulk(const World& world, kj::AsyncIoStream& stream, ByteView bytes) {
  for (ByteView rest = bytes; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kBulkChunkSize))) {
    ByteView chunk = rest.first(std::min(rest.size(), kBulkChunkSize));
    bool takesMore = co_await inTime(world, stream.write(chunk.data(), chunk.size()))
                         .then([]() { return true; }, [](kj::Exception&&) { return false; });
    if (!takesMore) co_return false;
  }
  co_return true;
}

kj::Promise<wire::BulkVerdict> verdictOn(const World& world, kj::AsyncIoStream& stream) {
  Bytes answer = co_await takeBulk(world, stream, 1);
  auto verdict = decode<wire::BulkVerdict>(answer);
  KJ_REQUIRE(verdict.has_value(), "the server answered an upload with no known verdict");
  co_return *verdict;
}

kj::Promise<Bytes> takeBulk(const World& world, kj::AsyncIoStream& stream, std::size_t size) {
  Bytes bytes = co_await takeSome(world, stream, size);
  if (bytes.size() < size) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "a bulk stream ended too early"));
  co_return kj::mv(bytes);
}

kj::Promise<Bytes> takeSome(const World& world, kj::AsyncIoStream& stream, std::size_t sizeMax) {
  Bytes bytes(sizeMax);
  std::size_t at = 0;
  for (bool ended = false; at < sizeMax && !ended;) {
    std::size_t chunk = std::min(sizeMax - at, kBulkChunkSize);
    std::size_t got = co_await inTime(world, stream.tryRead(bytes.data() + at, chunk, chunk));
    at += got;
    ended = got < chunk;
  }
  bytes.resize(at);
  co_return kj::mv(bytes);
}

}  // namespace qpq::client
