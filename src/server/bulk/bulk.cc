#include "server/bulk/bulk.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

#include "loop/co_try.h"
#include "server/limits.h"
#include "server/write.h"

namespace qpq::server {

namespace {

// As many files and uploads as nobody names any more go with the flush.
store::Result<Accepted> forgetFiles(Write& write, const std::vector<wire::Hash>& files) {
  for (const wire::Hash& file : files) write.mayBeUnnamed(file);
  return Accepted();
}

store::Result<Accepted> forgetUploads(Write& write, const std::vector<int64_t>& uploads) {
  for (int64_t upload : uploads) {
    auto holding = TRY(write.tables.holdings.at(upload));
    if (!holding || holding->complete) write.dropUpload(upload);
  }
  return Accepted();
}

template <class T>
std::vector<T> takeSome(std::vector<T>& from) {
  auto some = static_cast<std::ptrdiff_t>(std::min(from.size(), kSweepFilesMax));
  std::vector<T> taken(from.end() - some, from.end());
  from.erase(from.end() - some, from.end());
  return taken;
}

void report(const std::string& error) {
  const char* problem = error.c_str();
  KJ_LOG(ERROR, "the folder of blobs cannot be looked through", problem);
}

}  // namespace

Bulk::Bulk(StoreWriter& writer, StoreReader& reader, loop::Worker& fileWorker, const BlobFiles& files,
           const Surroundings& around)
    : writer_(writer),
      reader_(reader),
      fileWorker_(fileWorker),
      files_(files),
      around_(around),
      streams_(writer, fileWorker, files, around.timer, around.random, around.observer) {}

// ---- up

Answer<UploadOutcome> Bulk::putForLog(kj::Own<Session> session, LogId log, Uploaded announced) {
  UploadRequest request{session->account(), log, announced, 0};
  return begin(kj::mv(session), request);
}

Answer<UploadOutcome> Bulk::putBlob(kj::Own<Session> session, Uploaded announced) {
  UploadRequest request{session->account(), std::nullopt, announced, around_.blobBytesMax};
  return begin(kj::mv(session), request);
}

Answer<UploadOutcome> Bulk::begin(kj::Own<Session> session, UploadRequest request) {
  auto begun = CO_TRY(co_await writer_.run([request](Write& write) { return beginUpload(write, request); }));
  if (std::holds_alternative<QuotaFull>(begun)) around_.observer.quotaRefused();
  const auto* upload = std::get_if<UploadBegun>(&begun);
  if (upload == nullptr) {
    co_return std::visit(Overloaded{[](const UploadBegun&) -> UploadOutcome { std::unreachable(); },
                                    [](const auto& other) -> UploadOutcome { return other; }},
                         begun);
  }
  auto offset = co_await streams_.received(upload->upload, request.announced.size);
  if (!offset) co_return std::unexpected(Unavailable());
  auto ticket = streams_.admit(kj::mv(session), UploadTerms{upload->upload, request.announced, *offset});
  if (!ticket) co_return TooOften{kBulkTicketLifeMs};
  co_return UploadStream{*ticket, *offset};
}

// ---- down

Answer<DownloadOutcome> Bulk::getBody(kj::Own<Session> session, LogId log, uint64_t seq, store::BodyPart part,
                                      uint64_t offset) {
  if (uint64_t afterMs = around_.rates.downloads.take(session->account().view(), around_.clock.now())) {
    co_return TooOften{afterMs};
  }
  BodyRequest request{session->device(), log, seq, part};
  auto found = CO_TRY(co_await reader_.run([request](store::Tables& tables) { return findBody(tables, request); }));
  co_return open(kj::mv(session), found, offset);
}

Answer<DownloadOutcome> Bulk::getBlob(kj::Own<Session> session, wire::Hash hash, uint64_t offset) {
  if (uint64_t afterMs = around_.rates.downloads.take(session->account().view(), around_.clock.now())) {
    co_return TooOften{afterMs};
  }
  auto found = CO_TRY(co_await reader_.run([hash](store::Tables& tables) { return findBlob(tables, hash); }));
  co_return open(kj::mv(session), found, offset);
}

Answer<BlobDropped> Bulk::dropBlob(const AccountId& account, wire::Hash hash) {
  return writer_.run([account, hash](Write& write) { return server::dropBlob(write, account, hash); });
}

Answer<store::Held> Bulk::heldBy(const AccountId& account) {
  return reader_.run([account](store::Tables& tables) { return tables.holdings.heldAsBlobs(account); });
}

Answer<store::Held> Bulk::total() {
  return reader_.run([](store::Tables& tables) { return tables.holdings.total(); });
}

DownloadOutcome Bulk::open(kj::Own<Session> session, const std::optional<Uploaded>& found, uint64_t offset) {
  if (!found) return NotFound();
  if (offset > found->size) return Malformed{"offset: beyond the end"};
  auto ticket = streams_.admit(kj::mv(session), DownloadTerms{*found, offset});
  if (!ticket) return TooOften{kBulkTicketLifeMs};
  return DownloadStream{*ticket, found->size};
}

// ---- sweeping

kj::Promise<void> Bulk::sweepFiles() {
  auto uploads = co_await fileWorker_.run([files = &files_]() { return files->unfinished(); });
  if (!uploads) report(uploads.error());
  while (uploads && !uploads->empty()) {
    auto some = takeSome(*uploads);
    co_await writer_.run([some = kj::mv(some)](Write& write) { return forgetUploads(write, some); });
  }
  for (int first = 0; first < 256; ++first) {
    auto whole =
        co_await fileWorker_.run([files = &files_, first]() { return files->whole(static_cast<uint8_t>(first)); });
    if (!whole) report(whole.error());
    while (whole && !whole->empty()) {
      auto some = takeSome(*whole);
      co_await writer_.run([some = kj::mv(some)](Write& write) { return forgetFiles(write, some); });
    }
  }
}

}  // namespace qpq::server
