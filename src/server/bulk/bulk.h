#pragma once

#include <kj/async.h>

#include "server/bulk/downloads.h"
#include "server/bulk/streams.h"
#include "server/bulk/uploads.h"
#include "server/entry_rates.h"
#include "server/observe/observer.h"
#include "server/reader.h"

namespace qpq::server {

// On a stream: the ticket, and where to go on.
struct UploadStream {
  wire::BulkTicket ticket;
  uint64_t offset;
};
using UploadOutcome = std::variant<UploadStream, AlreadyStored, NoPlaceInLog, TooLarge, QuotaFull, TooOften, Malformed>;

struct DownloadStream {
  wire::BulkTicket ticket;
  uint64_t size;
};
struct NotFound {};
using DownloadOutcome = std::variant<DownloadStream, NotFound, TooOften, Malformed>;

// What is too large for a call, on one loop: who may bring or fetch what, and the streams that carry it.
class Bulk {
 public:
  struct Surroundings {
    const Clock& clock;
    kj::Timer& timer;
    Random& random;
    EntryRates& rates;
    Observer& observer;
    uint64_t blobBytesMax;  // of one account
  };
  // All outlive it.
  Bulk(StoreWriter& writer, StoreReader& reader, loop::Worker& fileWorker, const BlobFiles& files,
       const Surroundings& around);
  KJ_DISALLOW_COPY_AND_MOVE(Bulk);

  // A commit's envelope or Welcome, for an append to this log.
  Answer<UploadOutcome> putForLog(kj::Own<Session> session, LogId log, Uploaded announced);
  Answer<DownloadOutcome> getBody(kj::Own<Session> session, LogId log, uint64_t seq, store::BodyPart part,
                                  uint64_t offset);

  Answer<UploadOutcome> putBlob(kj::Own<Session> session, Uploaded announced);
  Answer<DownloadOutcome> getBlob(kj::Own<Session> session, wire::Hash hash, uint64_t offset);
  Answer<BlobDropped> dropBlob(const AccountId& account, wire::Hash hash);
  // What an account holds as blobs, and everybody in files of any kind.
  Answer<store::Held> heldBy(const AccountId& account);
  Answer<store::Held> total();
  uint64_t blobBytesMax() const { return around_.blobBytesMax; }

  void accept(const ConnectionId& connection, kj::Own<kj::AsyncIoStream> stream) {
    streams_.accept(connection, kj::mv(stream));
  }
  // Compares the folder with the store and removes what nobody names.
  kj::Promise<void> sweepFiles();

 private:
  Answer<UploadOutcome> begin(kj::Own<Session> session, UploadRequest request);
  DownloadOutcome open(kj::Own<Session> session, const std::optional<Uploaded>& found, uint64_t offset);

  StoreWriter& writer_;
  StoreReader& reader_;
  loop::Worker& fileWorker_;
  const BlobFiles& files_;
  Surroundings around_;
  BulkStreams streams_;
};

}  // namespace qpq::server
