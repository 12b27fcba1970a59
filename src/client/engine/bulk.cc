#include "client/engine/bulk.h"

#include <kj/debug.h>

#include <algorithm>

#include "client/engine/bulk_stream.h"
#include "client/engine/failures.h"
#include "client/engine/limits.h"
#include "crypto/hash.h"
#include "loop/co_try.h"
#include "schema/bulk.capnp.h"
#include "schema/data.h"
#include "wire/limits.h"

namespace qpq::client {

namespace {

using schema::dataOf;
using wire::BulkVerdict;

kj::Promise<BulkVerdict> send(const World& world, Online& online, schema::Upload::Stream::Reader terms,
                              ByteView bytes) {
  auto stream = co_await beginBulk(world, online, terms.getTicket());
  bool takesMore =
      co_await putBulk(world, *stream, bytes.subspan(std::min<std::size_t>(terms.getOffset(), bytes.size())));
  if (takesMore) stream->shutdownWrite();
  co_return co_await verdictOn(world, *stream);
}

kj::Promise<Bytes> receive(const World& world, Online& online, schema::Download::Stream::Reader terms, uint64_t size) {
  auto stream = co_await beginBulk(world, online, terms.getTicket());
  stream->shutdownWrite();
  co_return co_await takeBulk(world, *stream, static_cast<std::size_t>(size));
}

NotBrought refused(schema::Upload::Reader outcome) {
  using core::Refusal;
  switch (outcome.which()) {
    case schema::Upload::NOT_ALLOWED: return {Refusal::notOnRoster, "this device is not in the conversation any more"};
    case schema::Upload::QUOTA: return {Refusal::quota, "the server keeps no more uploads for you"};
    case schema::Upload::TOO_LARGE:
      return {Refusal::tooLarge, "the server takes at most " + std::to_string(outcome.getTooLarge()) + " bytes"};
    case schema::Upload::MALFORMED: return {Refusal::malformed, schema::stringOf(outcome.getMalformed())};
    default: return {Refusal::malformed, "the server answered what no honest server answers"};
  }
}

// The bytes of one part of an entry.
Promise<Bytes> fetch(const World& world, Online& online, const LogId& log, uint64_t seq, schema::Part part,
                     uint64_t size) {
  if (size > wire::kUploadSizeMax) co_return std::unexpected(failures::lyingServer("an entry larger than any may be"));
  for (;;) {
    auto request = online.logs.getRequest();
    request.setLog(dataOf(log.view()));
    request.setSeq(seq);
    request.setPart(part);
    auto response = co_await request.send();
    auto outcome = response.getOutcome();
    if (outcome.isRate()) {
      co_await world.timer.afterDelay(outcome.getRate() * kj::MILLISECONDS);
      continue;
    }
    // Pruned since, or gone: reading on from what is stored shows which.
    if (!outcome.isStream()) co_return std::unexpected(failures::offline("the server has lost a part of an entry"));
    co_return co_await receive(world, online, outcome.getStream(), size);
  }
}

}  // namespace

kj::Promise<std::optional<NotBrought>> bringForLog(const World& world, Online& online, LogId log, ByteView bytes) {
  crypto::Hash32 hash = crypto::sha256(bytes);
  for (int attempt = 0; attempt < kUploadAttemptsMax;) {
    auto request = online.logs.putRequest();
    request.setLog(dataOf(log.view()));
    request.setHash(dataOf(hash));
    request.setLength(bytes.size());
    auto response = co_await request.send();
    auto outcome = response.getOutcome();
    if (outcome.isStored()) co_return std::nullopt;
    if (outcome.isRate()) {
      co_await world.timer.afterDelay(outcome.getRate() * kj::MILLISECONDS);
      continue;
    }
    if (!outcome.isStream()) co_return refused(outcome);
    auto verdict = co_await send(world, online, outcome.getStream(), bytes);
    if (verdict == BulkVerdict::stored) co_return std::nullopt;
    if (verdict == BulkVerdict::unavailable) {
      kj::throwFatalException(KJ_EXCEPTION(OVERLOADED, "the server's disk is in trouble"));
    }
    ++attempt;
    co_await world.timer.afterDelay(kBulkRetryMs * kj::MILLISECONDS);
  }
  co_return NotBrought{core::Refusal::malformed, "the server does not take the bytes as they are"};
}

bool isIncomplete(const core::Page& page) {
  return std::ranges::any_of(
      page.entries, [](const core::PageEntry& entry) { return entry.envelopeLength != 0 || entry.welcomeLength != 0; });
}

Promise<void> complete(const World& world, Online& online, core::Page& page) {
  // One entry with its Welcome at the most, or a few small ones: a server that names more wants our memory.
  uint64_t sum = 0;
  for (const core::PageEntry& entry : page.entries) {
    bool isMore = entry.envelopeLength > wire::kUploadSizeMax || entry.welcomeLength > wire::kUploadSizeMax;
    sum += isMore ? 0 : entry.envelopeLength + entry.welcomeLength;
    if (isMore || sum > 2 * wire::kUploadSizeMax) {
      co_return std::unexpected(failures::lyingServer("a page larger than any may be"));
    }
  }
  for (core::PageEntry& entry : page.entries) {
    if (entry.envelopeLength != 0) {
      entry.envelope =
          CO_TRY(co_await fetch(world, online, page.log, entry.seq, schema::Part::ENVELOPE, entry.envelopeLength));
    }
    if (entry.welcomeLength != 0) {
      entry.welcome =
          CO_TRY(co_await fetch(world, online, page.log, entry.seq, schema::Part::WELCOME, entry.welcomeLength));
    }
  }
  co_return Result<void>();
}

}  // namespace qpq::client
