#include "client/conversation/shown.h"

#include "wire/inside/content.h"
#include "wire/inside/file.h"

namespace qpq::client::conversation {

namespace {

MessageView::State stateOf(store::MessageState state) {
  switch (state) {
    case store::MessageState::queued: return MessageView::State::queued;
    case store::MessageState::delivered: return MessageView::State::delivered;
    case store::MessageState::received: return MessageView::State::received;
    case store::MessageState::failed: return MessageView::State::failed;
  }
  return MessageView::State::failed;
}

// A message kept by an earlier version, which did not know files, has not been looked at yet.
store::Result<std::optional<FileView>> fileOf(store::Tables& tables, const store::Message& message) {
  if (message.type != static_cast<uint16_t>(wire::ContentType::file)) return std::nullopt;
  auto file = wire::parseFile(message.body);
  if (!file) return std::nullopt;
  return FileView{.name = wire::harmlessFileName(file->name),
                  .size = file->size,
                  .dropped = TRY(tables.droppedFiles.has(message.log, message.id))};
}

}  // namespace

store::Result<MessageView> shown(store::Tables& tables, const store::Message& message) {
  bool isText = message.type == static_cast<uint16_t>(wire::ContentType::text);
  return MessageView{.log = message.log,
                     .id = message.id,
                     .author = message.author.account,
                     .authorName = TRY(tables.people.nameOf(message.author.account)),
                     .sent = message.sent,
                     .seq = message.seq.value_or(0),
                     .state = stateOf(message.state),
                     .type = message.type,
                     .text = isText ? std::string(asText(message.body)) : std::string(),
                     .file = TRY(fileOf(tables, message)),
                     .problem = message.problem};
}

}  // namespace qpq::client::conversation
