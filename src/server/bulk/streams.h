#pragma once

#include <kj/async-io.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <map>
#include <memory>
#include <variant>

#include "base/random.h"
#include "loop/worker.h"
#include "server/bulk/uploads.h"
#include "server/observe/observer.h"
#include "server/sessions.h"
#include "server/writer.h"

// The streams beside the control streams of one loop (docs/protocol/bulk.md). Each is one transfer, agreed by a call.
namespace qpq::server {

struct UploadTerms {
  int64_t upload;
  Uploaded announced;
  uint64_t offset;
};
struct DownloadTerms {
  Uploaded file;
  uint64_t offset;
};
using TransferTerms = std::variant<UploadTerms, DownloadTerms>;

class BulkStreams final: private kj::TaskSet::ErrorHandler {
 public:
  // All outlive it.
  BulkStreams(StoreWriter& writer, loop::Worker& fileWorker, const BlobFiles& files, kj::Timer& timer, Random& random,
              Observer& observer);
  KJ_DISALLOW_COPY_AND_MOVE(BulkStreams);

  // Where an announced upload goes on; nothing if the disk does not say.
  kj::Promise<std::optional<uint64_t>> received(int64_t upload, uint64_t size);
  // For one transfer on this session's connection, within kBulkTicketLifeMs; nothing if it has too many of them.
  std::optional<wire::BulkTicket> admit(kj::Own<Session> session, const TransferTerms& terms);
  // A stream that a client has opened. It ends by itself.
  void accept(const ConnectionId& connection, kj::Own<kj::AsyncIoStream> stream);

  std::size_t streams() const;

 private:
  struct Admitted {
    kj::Own<Session> session;
    TransferTerms terms;
    kj::TimePoint ends;
  };
  struct PerConnection {
    std::size_t streams = 0;
    std::map<wire::BulkTicket, Admitted> tickets;
  };

  kj::Promise<void> serve(ConnectionId connection, kj::Own<kj::AsyncIoStream> stream);
  kj::Promise<void> receive(kj::AsyncIoStream& stream, const Session& session, UploadTerms terms);
  kj::Promise<std::optional<wire::BulkVerdict>> store(kj::AsyncIoStream& stream, const Session& session,
                                                      UploadTerms terms);
  kj::Promise<void> send(kj::AsyncIoStream& stream, const Session& session, DownloadTerms terms);
  std::optional<Admitted> redeem(const ConnectionId& connection, const wire::BulkTicket& ticket);
  void forgetIfIdle(const ConnectionId& connection);
  kj::Promise<void> expire(ConnectionId connection);
  // Whether all of it came in time.
  kj::Promise<bool> fill(kj::AsyncIoStream& stream, ByteSpan into);
  kj::Promise<bool> put(kj::AsyncIoStream& stream, ByteView bytes);
  void taskFailed(kj::Exception&& exception) override;

  StoreWriter& writer_;
  loop::Worker& fileWorker_;
  const BlobFiles& files_;
  kj::Timer& timer_;
  Random& random_;
  Observer& observer_;
  std::map<ConnectionId, PerConnection> connections_;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
