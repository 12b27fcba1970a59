#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <memory>
#include <string>
#include <utility>

#include "client/engine/core_seat.h"
#include "client/engine/listeners.h"
#include "client/engine/online.h"
#include "client/files/opening.h"
#include "client/files/sealing.h"
#include "client/view.h"
#include "loop/turns.h"
#include "wire/bulk.h"

namespace qpq::client {

// Files on their way up and down (docs/decisions/007-sending-files.md). A connection that is lost meanwhile is waited
// for, and the transfer goes on where it was. Outlives what it began.
class Files {
 public:
  // A live connection, waited for as long as a command waits.
  using Connect = kj::Function<Promise<kj::Own<Online>>()>;
  Files(const World& world, CoreSeat& core, Listeners& listeners, Connect connect)
      : world_(world), core_(core), listeners_(listeners), connect_(kj::mv(connect)) {}
  KJ_DISALLOW_COPY_AND_MOVE(Files);

  // When this resolves the server has all of it, and the message is in the outbox.
  Promise<SentFile> send(LogId log, std::string path);
  Promise<SavedFile> save(LogId log, EntryId message, std::string to, Existing existing);
  Promise<FileDropped> drop(LogId log, EntryId message);
  Promise<FileUsage> usage();

 private:
  // endedEarly: the server has said that there is no more of it.
  enum class Step { done, again, endedEarly };
  struct Progress;

  Promise<files::SourceFile> open(std::string path);
  Promise<store::Upload> sealed(LogId log, std::string path);
  Promise<void> bring(const store::Upload& upload, Progress& progress);
  Promise<Step> bringOnce(Online& online, const store::Upload& upload, std::shared_ptr<files::SecondSealing> sealing,
                          Progress& progress);
  Promise<wire::BulkVerdict> sendOn(Online& online, schema::Upload::Stream::Reader terms,
                                    std::shared_ptr<files::SecondSealing> sealing, Progress& progress);
  Promise<Step> fetchOnce(Online& online, const wire::Hash& hash, std::shared_ptr<files::Opening> opening,
                          Progress& progress);
  // Steps until one is the last, or several in a row have brought nothing.
  Promise<void> untilDone(Progress& progress, kj::Function<Promise<Step>(Online&)> step);
  // What no message will name need not count against the account any longer. Whether it works out is nobody's concern.
  kj::Promise<void> dropAtServer(wire::Hash hash);
  kj::Promise<void> abandon(const store::Upload& upload, ErrorCode why);

  const World& world_;
  CoreSeat& core_;
  Listeners& listeners_;
  Connect connect_;
  loop::Turns<std::pair<LogId, std::string>> sending_;  // the same file is sent twice one after the other
};

}  // namespace qpq::client
