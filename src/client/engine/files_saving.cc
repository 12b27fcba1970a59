#include <algorithm>

#include "client/engine/bulk_stream.h"
#include "client/engine/failures.h"
#include "client/engine/file_progress.h"
#include "client/engine/files.h"
#include "client/engine/limits.h"
#include "loop/co_try.h"
#include "schema/data.h"

namespace qpq::client {

using schema::dataOf;

Promise<SavedFile> Files::save(LogId log, EntryId message, std::string to, Existing existing) {
  wire::File file = CO_TRY(co_await core_.ask([log, message](core::Core& c) { return c.file(log, message); }));
  std::string name = wire::harmlessFileName(file.name);
  wire::Hash hash = file.hash;
  auto target = CO_TRY(co_await world_.files.run([to, name, size = file.size, existing, &random = world_.random]() {
    return files::TargetFile::open(to, name, size, existing, random);
  }));
  Progress progress{listeners_, {event::Transfer::Way::down, log, name, 0, file.length}};
  auto opening = std::make_shared<files::Opening>(kj::mv(target), kj::mv(file));
  CO_TRY(co_await untilDone(progress, [&](Online& online) { return fetchOnce(online, hash, opening, progress); }));
  auto saved = CO_TRY(co_await world_.files.run([opening]() { return opening->finish(); }));
  progress.reached(progress.transfer.total);
  co_return kj::mv(saved);
}

Promise<Files::Step> Files::fetchOnce(Online& online, const wire::Hash& hash, std::shared_ptr<files::Opening> opening,
                                      Progress& progress) {
  // Asked where it is taken in: a chunk may still be on its way there from a connection that has ended.
  uint64_t at = co_await world_.files.run([opening]() { return opening->received(); });
  if (at == opening->length()) co_return Step::done;
  auto request = online.session.blobsRequest().send().getBlobs().getRequest();
  request.setHash(dataOf(hash));
  request.setOffset(at);
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isNotFound()) co_return std::unexpected(failures::fileGone());
  if (outcome.isMalformed()) co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
  if (outcome.isRate()) {
    co_await world_.timer.afterDelay(outcome.getRate() * kj::MILLISECONDS);
    co_return Step::again;
  }
  if (outcome.getStream().getLength() != opening->length()) co_return std::unexpected(files::fileDamaged());
  auto stream = co_await beginBulk(world_, online, outcome.getStream().getTicket());
  stream->shutdownWrite();
  kj::Promise<Result<void>> taken = Result<void>();
  while (at < opening->length()) {
    auto size = static_cast<std::size_t>(std::min<uint64_t>(opening->length() - at, wire::kSealedChunkSize));
    Bytes chunk = co_await takeSome(world_, *stream, size);
    CO_TRY(co_await kj::mv(taken));
    if (chunk.size() < size) co_return Step::endedEarly;
    // The one is opened and written while the other is on its way.
    taken = world_.files.run([opening, chunk = kj::mv(chunk)]() { return opening->take(chunk); });
    at += size;
    progress.reached(std::min(at, progress.transfer.total - 1));
  }
  CO_TRY(co_await kj::mv(taken));
  co_return Step::done;
}

}  // namespace qpq::client
