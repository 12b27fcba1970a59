#include "client/core/core.h"
#include "client/core/inside.h"
#include "wire/inside/content.h"
#include "wire/inside/file.h"

// The messages that bring files. The files themselves are the engine's: the core reads and writes none.
namespace qpq::client::core {

namespace {

std::unexpected<store::Failure> noSuchFile() {
  return store::fail(ErrorCode::noSuchFile, "That message brings no file.", "See those that do with: history");
}

}  // namespace

Result<void> Core::mayWrite(const LogId& log) {
  TRY(inside_->desk());
  TRY(inside_->writable(log));
  return {};
}

Result<std::optional<store::Upload>> Core::upload(const LogId& log, const std::string& path) {
  return TRY(inside_->tables.uploads.find(log, path));
}

Result<void> Core::keepUpload(const store::Upload& upload) {
  TRY(inside_->tables.uploads.put(upload));
  return {};
}

Result<void> Core::dropUpload(const LogId& log, const std::string& path) {
  TRY(inside_->tables.uploads.drop(log, path));
  return {};
}

Result<Written> Core::sendFile(const LogId& log, const std::string& path, const std::string& name) {
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<Written> {
    auto upload = TRY(desk.tables.uploads.find(log, path));
    if (!upload) return noSuchFile();
    TRY(desk.tables.uploads.drop(log, path));
    wire::File file{.name = toBytes(asBytes(name)),
                    .size = upload->size,
                    .key = std::move(upload->key),
                    .hash = upload->hash,
                    .length = upload->length};
    return inside_->queue(desk, log, wire::ContentType::file, wire::encodeFile(file).expose());
  });
}

Result<wire::File> Core::file(const LogId& log, const EntryId& message) {
  TRY(inside_->conversation(log));
  auto found = TRY(inside_->tables.messages.find(log, message));
  if (!found || found->type != static_cast<uint16_t>(wire::ContentType::file)) return noSuchFile();
  auto file = wire::parseFile(found->body);
  if (!file) return noSuchFile();
  return *std::move(file);
}

Result<wire::File> Core::ownFile(const LogId& log, const EntryId& message) {
  conversation::Desk desk = TRY(inside_->desk());
  auto found = TRY(inside_->tables.messages.find(log, message));
  if (found && found->author.account != desk.self().account) {
    return store::fail(ErrorCode::noSuchFile, "Somebody else has sent that file: only they can drop it.");
  }
  return file(log, message);
}

Result<void> Core::noteDropped(const LogId& log, const EntryId& message) {
  TRY(inside_->tables.droppedFiles.put(log, message));
  return {};
}

}  // namespace qpq::client::core
