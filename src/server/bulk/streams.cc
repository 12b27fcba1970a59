#include "server/bulk/streams.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

#include "server/limits.h"

namespace qpq::server {

namespace {

using wire::BulkVerdict;

// For the operator: the peer hears no more than that the disk is in trouble.
void report(const std::string& what) {
  const char* problem = what.c_str();
  KJ_LOG(ERROR, "a transfer met the disk's trouble", problem);
}

}  // namespace

BulkStreams::BulkStreams(StoreWriter& writer, loop::Worker& fileWorker, const BlobFiles& files, kj::Timer& timer,
                         Random& random, Observer& observer)
    : writer_(writer),
      fileWorker_(fileWorker),
      files_(files),
      timer_(timer),
      random_(random),
      observer_(observer),
      tasks_(*this) {}

// ---- tickets

kj::Promise<std::optional<uint64_t>> BulkStreams::received(int64_t upload, uint64_t size) {
  auto there = co_await fileWorker_.run([files = &files_, upload]() { return files->received(upload); });
  if (!there) {
    report(there.error());
    co_return std::nullopt;
  }
  co_return *there <= size ? *there : 0;
}

std::optional<wire::BulkTicket> BulkStreams::admit(kj::Own<Session> session, const TransferTerms& terms) {
  ConnectionId id = session->connection();
  PerConnection& connection = connections_[id];
  std::erase_if(connection.tickets, [now = timer_.now()](const auto& known) { return known.second.ends <= now; });
  if (connection.tickets.size() >= kBulkTicketsPerConnectionMax) return std::nullopt;
  auto ticket = wire::BulkTicket::random(random_);
  auto ends = timer_.now() + kBulkTicketLifeMs * kj::MILLISECONDS;
  connection.tickets.emplace(ticket, Admitted{kj::mv(session), terms, ends});
  tasks_.add(expire(id));
  return ticket;
}

kj::Promise<void> BulkStreams::expire(ConnectionId id) {
  co_await timer_.afterDelay(kBulkTicketLifeMs * kj::MILLISECONDS);
  auto found = connections_.find(id);
  if (found == connections_.end()) co_return;
  std::erase_if(found->second.tickets, [now = timer_.now()](const auto& known) { return known.second.ends <= now; });
  forgetIfIdle(id);
}

std::optional<BulkStreams::Admitted> BulkStreams::redeem(const ConnectionId& id, const wire::BulkTicket& ticket) {
  auto admitted = connections_[id].tickets.extract(ticket);
  if (admitted.empty() || admitted.mapped().ends <= timer_.now()) return std::nullopt;
  return kj::mv(admitted.mapped());
}

void BulkStreams::forgetIfIdle(const ConnectionId& id) {
  auto found = connections_.find(id);
  if (found != connections_.end() && found->second.streams == 0 && found->second.tickets.empty()) {
    connections_.erase(found);
  }
}

std::size_t BulkStreams::streams() const {
  std::size_t sum = 0;
  for (const auto& [id, connection] : connections_) sum += connection.streams;
  return sum;
}

// ---- streams

void BulkStreams::accept(const ConnectionId& id, kj::Own<kj::AsyncIoStream> stream) {
  // Dropping it tells the client.
  if (connections_[id].streams >= kBulkStreamsPerConnectionMax) return;
  tasks_.add(serve(id, kj::mv(stream)));
}

kj::Promise<void> BulkStreams::serve(ConnectionId id, kj::Own<kj::AsyncIoStream> stream) {
  ++connections_[id].streams;
  KJ_DEFER({
    --connections_[id].streams;
    forgetIfIdle(id);
  });
  wire::BulkTicket ticket;
  if (!co_await fill(*stream, ticket.bytes)) co_return;
  auto admitted = redeem(id, ticket);
  if (!admitted) co_return;
  if (const auto* upload = std::get_if<UploadTerms>(&admitted->terms)) {
    co_await receive(*stream, *admitted->session, *upload);
  } else {
    co_await send(*stream, *admitted->session, std::get<DownloadTerms>(admitted->terms));
  }
}

kj::Promise<void> BulkStreams::receive(kj::AsyncIoStream& stream, const Session& session, UploadTerms terms) {
  auto verdict = co_await store(stream, session, terms);
  if (!verdict) co_return;  // cut off: what has arrived waits for another stream
  Bytes answer = encode(*verdict);
  if (co_await put(stream, answer)) stream.shutdownWrite();
}

kj::Promise<std::optional<BulkVerdict>> BulkStreams::store(kj::AsyncIoStream& stream, const Session& session,
                                                           UploadTerms terms) {
  auto opened = co_await fileWorker_.run(
      [files = &files_, terms]() { return IncomingFile::open(*files, terms.upload, terms.offset); });
  if (!opened) {
    report(opened.error());
    co_return BulkVerdict::unavailable;
  }
  if (!*opened) co_return BulkVerdict::again;
  // Shared with the worker's jobs, which may outlive this stream.
  auto file = std::make_shared<IncomingFile>(kj::mv(**opened));
  // One chunk is written while the next one comes.
  kj::Promise<bool> writing = true;
  for (uint64_t left = terms.announced.size - terms.offset; left > 0;) {
    Bytes chunk(static_cast<std::size_t>(std::min<uint64_t>(left, kBulkChunkSize)));
    if (!co_await fill(stream, chunk) || session.hasEnded()) co_return std::nullopt;
    left -= chunk.size();
    observer_.bulkMoved(BulkWay::in, chunk.size());
    if (!co_await writing) co_return BulkVerdict::unavailable;
    writing = fileWorker_.run([file, chunk = kj::mv(chunk)]() { return file->append(chunk); })
                  .then([](const FileResult<void>& written) {
                    if (!written) report(written.error());
                    return written.has_value();
                  });
  }
  if (!co_await writing) co_return BulkVerdict::unavailable;
  uint8_t beyond = 0;
  if (co_await fill(stream, ByteSpan(&beyond, 1))) co_return BulkVerdict::wrongLength;
  auto finished = co_await fileWorker_.run([file, hash = terms.announced.hash]() { return file->finish(hash); });
  if (!finished) {
    report(finished.error());
    co_return BulkVerdict::unavailable;
  }
  if (!*finished) {
    co_await writer_.run([upload = terms.upload](Write& write) { return abandonUpload(write, upload); });
    co_return BulkVerdict::wrongHash;
  }
  auto ended = co_await writer_.run([upload = terms.upload](Write& write) { return endUpload(write, upload); });
  if (ended && *ended == BulkVerdict::stored) observer_.fileStored();
  co_return ended ? *ended : BulkVerdict::unavailable;
}

kj::Promise<void> BulkStreams::send(kj::AsyncIoStream& stream, const Session& session, DownloadTerms terms) {
  auto opened = co_await fileWorker_.run(
      [files = &files_, terms]() { return OutgoingFile::open(*files, terms.file.hash, terms.offset); });
  if (!opened) report(opened.error());
  // It may have been removed since the ticket was given. The reader learns it from a stream that ends too early: ends,
  // and is not dropped, which would be the network's doing.
  if (!opened || !*opened) co_return stream.shutdownWrite();
  auto file = std::make_shared<OutgoingFile>(kj::mv(**opened));
  for (uint64_t left = terms.file.size - terms.offset; left > 0;) {
    auto size = static_cast<std::size_t>(std::min<uint64_t>(left, kBulkChunkSize));
    auto chunk = co_await fileWorker_.run([file, size]() { return file->next(size); });
    if (!chunk) {
      report(chunk.error());
      co_return stream.shutdownWrite();
    }
    if (session.hasEnded() || !co_await put(stream, *chunk)) co_return;
    left -= size;
    observer_.bulkMoved(BulkWay::out, size);
  }
  stream.shutdownWrite();
}

kj::Promise<bool> BulkStreams::fill(kj::AsyncIoStream& stream, ByteSpan into) {
  auto read = stream.tryRead(into.data(), into.size(), into.size()).then([size = into.size()](size_t got) {
    return got == size;
  });
  auto late = timer_.afterDelay(kBulkStallMs * kj::MILLISECONDS).then([]() { return false; });
  return read.exclusiveJoin(kj::mv(late));
}

kj::Promise<bool> BulkStreams::put(kj::AsyncIoStream& stream, ByteView bytes) {
  auto written = stream.write(bytes.data(), bytes.size()).then([]() { return true; });
  auto late = timer_.afterDelay(kBulkStallMs * kj::MILLISECONDS).then([]() { return false; });
  return written.exclusiveJoin(kj::mv(late));
}

void BulkStreams::taskFailed(kj::Exception&& exception) {
  // A client that goes in the middle of a transfer is nothing to be told.
  if (exception.getType() != kj::Exception::Type::DISCONNECTED) KJ_LOG(ERROR, "a bulk stream ended", exception);
}

}  // namespace qpq::server
