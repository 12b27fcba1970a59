#include "server/bulk/uploads.h"

#include <kj/debug.h>

#include "server/limits.h"
#include "server/pages.h"
#include "server/write.h"
#include "wire/limits.h"

namespace qpq::server {

namespace {

using Refusal = std::optional<BeginOutcome>;

store::Result<Refusal> checkForLog(Write& write, const UploadRequest& request) {
  uint64_t size = request.announced.size;
  if (size > wire::kUploadSizeMax) return Refusal(TooLarge{wire::kUploadSizeMax});
  if (size <= wire::kInlineSizeMax) return Refusal(Malformed{"it fits into the call"});
  auto log = TRY(write.tables.logs.find(*request.log));
  if (!log || !TRY(isOpenTo(write.tables, *log, request.account))) return Refusal(NoPlaceInLog());
  return Refusal();
}

Refusal checkBlob(const UploadRequest& request) {
  if (request.announced.size > request.blobBytesMax) return TooLarge{request.blobBytesMax};
  if (request.announced.size == 0) return Malformed{"length: nothing to upload"};
  return std::nullopt;
}

store::Result<Refusal> checkQuota(Write& write, const UploadRequest& request) {
  auto& holdings = write.tables.holdings;
  uint64_t limit = request.log ? kHeldForLogsMax : request.blobBytesMax;
  store::Held held = TRY(request.log ? holdings.heldForLogs(request.account) : holdings.heldAsBlobs(request.account));
  if (held.bytes + request.announced.size > limit) return Refusal(QuotaFull{limit, held.bytes});
  return Refusal();
}

uint64_t heldUntil(const Write& write, const std::optional<LogId>& log) {
  return (write.now + (log ? kHeldForLogMs : kBlobLifeMs)).unixMs;
}

void letGo(Write& write, const store::Holding& holding) {
  if (holding.complete) {
    write.mayBeUnnamed(holding.hash);
  } else {
    write.dropUpload(holding.key);
  }
}

}  // namespace

store::Result<BeginOutcome> beginUpload(Write& write, const UploadRequest& request) {
  auto& holdings = write.tables.holdings;
  auto refused = request.log ? TRY(checkForLog(write, request)) : checkBlob(request);
  if (refused) return *std::move(refused);
  if (uint64_t afterMs = write.rates.uploads.take(request.account.view(), write.now)) return TooOften{afterMs};
  uint64_t unfinishedUntil = (write.now + kUnfinishedLifeMs).unixMs;
  if (auto known = TRY(holdings.find(request.account, request.log, request.announced.hash))) {
    // One hash has one length: whoever names another has it wrong.
    if (known->size != request.announced.size) return Malformed{"length: not that of these bytes"};
    TRY(holdings.keepUntil(known->key, known->complete ? heldUntil(write, request.log) : unfinishedUntil));
    if (known->complete) return AlreadyStored();
    return UploadBegun{known->key};
  }
  if (auto full = TRY(checkQuota(write, request))) return *std::move(full);
  return UploadBegun{TRY(holdings.add({.key = 0,
                                       .account = request.account,
                                       .log = request.log,
                                       .hash = request.announced.hash,
                                       .size = request.announced.size,
                                       .complete = false,
                                       .untilMs = unfinishedUntil}))};
}

store::Result<wire::BulkVerdict> endUpload(Write& write, int64_t upload) {
  auto holding = TRY(write.tables.holdings.at(upload));
  if (!holding) return wire::BulkVerdict::again;
  if (holding->complete) return wire::BulkVerdict::stored;
  if (auto kept = write.files.keep(upload, holding->hash); !kept) {
    const char* problem = kept.error().c_str();
    KJ_LOG(ERROR, "an uploaded file could not be kept", problem);
    return wire::BulkVerdict::unavailable;
  }
  TRY(write.tables.holdings.complete(upload, heldUntil(write, holding->log)));
  return wire::BulkVerdict::stored;
}

store::Result<Accepted> abandonUpload(Write& write, int64_t upload) {
  auto holding = TRY(write.tables.holdings.at(upload));
  if (!holding || holding->complete) return Accepted();
  TRY(write.tables.holdings.drop(upload));
  write.dropUpload(upload);
  return Accepted();
}

store::Result<BlobDropped> dropBlob(Write& write, const AccountId& account, const wire::Hash& hash) {
  auto holding = TRY(write.tables.holdings.find(account, std::nullopt, hash));
  if (!holding) return BlobDropped::notFound;
  TRY(write.tables.holdings.drop(holding->key));
  letGo(write, *holding);
  return BlobDropped::yes;
}

store::Result<std::size_t> sweepHoldings(Write& write, Instant age) {
  auto over = TRY(write.tables.holdings.over(age.unixMs, kSweepRowsMax));
  for (const store::Holding& holding : over) {
    TRY(write.tables.holdings.drop(holding.key));
    letGo(write, holding);
  }
  return over.size();
}

}  // namespace qpq::server
