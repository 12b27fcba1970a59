#include <kj/debug.h>

#include "client/engine/bulk_stream.h"
#include "client/engine/failures.h"
#include "client/engine/file_progress.h"
#include "client/engine/files.h"
#include "client/engine/limits.h"
#include "loop/co_try.h"
#include "schema/data.h"
#include "wire/limits.h"

namespace qpq::client {

using schema::dataOf;
using wire::BulkVerdict;

namespace {

std::string nameOf(const std::string& path) {
  return wire::harmlessFileName(asBytes(std::string_view(path).substr(path.rfind('/') + 1)));
}

// What has been sealed of it is of use no more: another time it is sealed anew.
bool endsUpload(ErrorCode code) {
  return code == ErrorCode::fileChanged || code == ErrorCode::tooLarge || code == ErrorCode::serverRefused;
}

}  // namespace

Promise<SentFile> Files::send(LogId log, std::string path) {
  auto turn = co_await sending_.take({log, path});
  CO_TRY(co_await core_.ask([log](core::Core& c) { return c.mayWrite(log); }));
  std::string name = nameOf(path);
  store::Upload upload = CO_TRY(co_await sealed(log, path));
  Progress progress{listeners_, {event::Transfer::Way::up, log, name, 0, upload.length}};
  auto brought = co_await bring(upload, progress);
  if (!brought && endsUpload(brought.error().code)) co_await abandon(upload, brought.error().code);
  CO_TRY(kj::mv(brought));
  Written written =
      CO_TRY(co_await core_.ask([log, path, name](core::Core& c) { return c.sendFile(log, path, name); }));
  co_return SentFile{written, {name, upload.size}};
}

Promise<files::SourceFile> Files::open(std::string path) {
  auto source = CO_TRY(co_await world_.files.run([path]() { return files::SourceFile::open(path); }));
  if (source.size() > wire::kFileSizeMax) {
    co_return std::unexpected(
        Error{ErrorCode::tooLarge, path + " is larger than any file may be.", "Send it in parts."});
  }
  co_return kj::mv(source);
}

// As it was sealed for an upload that was cut off, or for the first time.
Promise<store::Upload> Files::sealed(LogId log, std::string path) {
  // Without a server there is nothing to seal it for.
  CO_TRY(co_await connect_());
  auto source = CO_TRY(co_await open(path));
  auto known = CO_TRY(co_await core_.ask([log, path](core::Core& c) { return c.upload(log, path); }));
  if (known && known->size == source.size() && known->modifiedNs == source.modifiedNs()) co_return *kj::mv(known);
  if (known) co_await dropAtServer(known->hash);
  store::Upload upload{.log = log, .path = path, .size = source.size(), .modifiedNs = source.modifiedNs()};
  upload.key = world_.random.secret<32>();
  upload.begun = world_.clock.now();
  auto sealing = std::make_shared<files::FirstSealing>(kj::mv(source), upload.key.clone());
  while (!CO_TRY(co_await world_.files.run([sealing]() { return sealing->step(kSealStepChunks); }))) {}
  files::SealedAs sealed = kj::mv(*sealing).finish();
  upload.hash = sealed.hash;
  upload.length = sealed.length;
  upload.tags = kj::mv(sealed.tags);
  // Durable before the server hears of it: from here on it goes on with this key.
  co_return co_await core_.ask([upload = kj::mv(upload)](core::Core& c) mutable -> Result<store::Upload> {
    TRY(c.keepUpload(upload));
    return kj::mv(upload);
  });
}

Promise<void> Files::bring(const store::Upload& upload, Progress& progress) {
  auto source = CO_TRY(co_await open(upload.path));
  if (source.size() != upload.size || source.modifiedNs() != upload.modifiedNs) {
    co_return std::unexpected(files::fileChanged(upload.path));
  }
  auto sealing = std::make_shared<files::SecondSealing>(kj::mv(source), upload.key.clone(), upload.tags);
  CO_TRY(co_await untilDone(progress, [&](Online& online) { return bringOnce(online, upload, sealing, progress); }));
  progress.reached(upload.length);
  co_return Result<void>();
}

Promise<Files::Step> Files::bringOnce(Online& online, const store::Upload& upload,
                                      std::shared_ptr<files::SecondSealing> sealing, Progress& progress) {
  auto request = online.session.blobsRequest().send().getBlobs().putRequest();
  request.setHash(dataOf(upload.hash));
  request.setLength(upload.length);
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  switch (outcome.which()) {
    case schema::Upload::STORED: co_return Step::done;
    case schema::Upload::RATE:
      co_await world_.timer.afterDelay(outcome.getRate() * kj::MILLISECONDS);
      co_return Step::again;
    case schema::Upload::TOO_LARGE: co_return std::unexpected(failures::fileTooLarge(outcome.getTooLarge()));
    case schema::Upload::QUOTA:
      co_return std::unexpected(
          failures::fileQuota(outcome.getQuota().getLimit(), outcome.getQuota().getUsed(), upload.length));
    case schema::Upload::MALFORMED:
      co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
    case schema::Upload::NOT_ALLOWED: co_return std::unexpected(failures::lyingServer("a file is of no conversation"));
    case schema::Upload::STREAM: break;
  }
  switch (CO_TRY(co_await sendOn(online, outcome.getStream(), sealing, progress))) {
    case BulkVerdict::stored: co_return Step::done;
    case BulkVerdict::unavailable: co_return std::unexpected(failures::serverUnavailable());
    case BulkVerdict::wrongHash:
    case BulkVerdict::wrongLength:
    case BulkVerdict::again: break;  // it says where to begin when it is asked again
  }
  co_return Step::again;
}

Promise<BulkVerdict> Files::sendOn(Online& online, schema::Upload::Stream::Reader terms,
                                   std::shared_ptr<files::SecondSealing> sealing, Progress& progress) {
  uint64_t at = terms.getOffset();
  auto next = world_.files.run([sealing, at]() {
    sealing->goOnAt(at);
    return sealing->next();
  });
  auto stream = co_await beginBulk(world_, online, terms.getTicket());
  for (;;) {
    Bytes chunk = CO_TRY(co_await kj::mv(next));
    if (chunk.empty()) break;
    // The one is sealed while the other is on its way.
    next = world_.files.run([sealing]() { return sealing->next(); });
    if (!co_await putBulk(world_, *stream, chunk)) co_return co_await verdictOn(world_, *stream);
    progress.reached(std::min(at += chunk.size(), progress.transfer.total - 1));
  }
  stream->shutdownWrite();
  co_return co_await verdictOn(world_, *stream);
}

Promise<void> Files::untilDone(Progress& progress, kj::Function<Promise<Step>(Online&)> step) {
  uint64_t furthest = 0;
  int earlyEnds = 0;
  for (int attempt = 0; attempt < kUploadAttemptsMax; ++attempt) {
    auto online = CO_TRY(co_await connect_());
    auto result = co_await step(*online).catch_([](kj::Exception&& exception) -> Result<Step> {
      // The connection, or this stream alone: another one goes on.
      if (exception.getType() == kj::Exception::Type::DISCONNECTED) return Step::again;
      kj::throwFatalException(kj::mv(exception));
    });
    Step taken = CO_TRY(kj::mv(result));
    if (taken == Step::done) co_return Result<void>();
    if (progress.transfer.done > furthest) attempt = earlyEnds = 0;
    if (taken == Step::endedEarly && ++earlyEnds == kEarlyEndsMax) co_return std::unexpected(failures::fileCutShort());
    furthest = std::max(furthest, progress.transfer.done);
    co_await world_.timer.afterDelay(kBulkRetryMs * kj::MILLISECONDS);
  }
  co_return std::unexpected(failures::transferStuck());
}

kj::Promise<void> Files::dropAtServer(wire::Hash hash) {
  return connect_()
      .then([hash](Result<kj::Own<Online>> online) -> kj::Promise<void> {
        if (!online) return kj::READY_NOW;
        auto request = (*online)->session.blobsRequest().send().getBlobs().dropRequest();
        request.setHash(dataOf(hash));
        return request.send().ignoreResult();
      })
      .catch_([](kj::Exception&&) {});
}

kj::Promise<void> Files::abandon(const store::Upload& upload, ErrorCode why) {
  co_await core_.ask([log = upload.log, path = upload.path](core::Core& c) { return c.dropUpload(log, path); });
  if (why == ErrorCode::fileChanged) co_await dropAtServer(upload.hash);
}

}  // namespace qpq::client
