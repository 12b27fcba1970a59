#pragma once

#include <kj/async-io.h>
#include <kj/async.h>

#include "client/client.h"
#include "client/engine/limits.h"
#include "client/engine/online.h"
#include "wire/bulk.h"

// One stream for one transfer (docs/protocol/bulk.md). A stream on which nothing moves is a lost one: what is awaited
// here then ends as if the connection had.
namespace qpq::client {

template <class T>
kj::Promise<T> inTime(const World& world, kj::Promise<T> moved) {
  auto late = world.timer.afterDelay(kBulkStallMs * kj::MILLISECONDS).then([]() -> kj::Promise<T> {
    return KJ_EXCEPTION(DISCONNECTED, "nothing moves on a bulk stream");
  });
  return moved.exclusiveJoin(kj::mv(late));
}

// With the ticket on it.
kj::Promise<kj::Own<kj::AsyncIoStream>> beginBulk(const World& world, Online& online, capnp::Data::Reader ticket);
// A chunk at a time. False: the server, which has its verdict, reads no further.
kj::Promise<bool> putBulk(const World& world, kj::AsyncIoStream& stream, ByteView bytes);
kj::Promise<wire::BulkVerdict> verdictOn(const World& world, kj::AsyncIoStream& stream);
// So many, or what comes before the server ends the stream.
kj::Promise<Bytes> takeSome(const World& world, kj::AsyncIoStream& stream, std::size_t sizeMax);
// Exactly so many.
kj::Promise<Bytes> takeBulk(const World& world, kj::AsyncIoStream& stream, std::size_t size);

}  // namespace qpq::client
