#include "client/conversation/page_check.h"
#include "client/core/core.h"
#include "client/core/inside.h"
#include "client/limits.h"

// After the server was restored.
namespace qpq::client::core {

namespace {

PageEntry pageEntryOf(store::RawEntry raw) {
  PageEntry entry{.seq = raw.link.seq,
                  .kind = static_cast<uint8_t>(raw.link.kind),
                  .id = toBytes(raw.link.id.view()),
                  .envelope = std::move(raw.envelope),
                  .welcomeHash = {},
                  .welcome = {}};
  if (raw.link.welcome != wire::noWelcome()) entry.welcomeHash = toBytes(raw.link.welcome);
  return entry;
}

std::unexpected<Error> badHead() {
  return std::unexpected(Error{ErrorCode::internal, "The server's signed head of a conversation does not hold.", {}});
}

}  // namespace

Result<std::vector<LogId>> Core::unconfirmed() { return inside_->tables.unconfirmed.all(); }

Result<Refill> Core::refill(const LogId& log, ByteView serverAt) {
  Refill refill;
  auto known = TRY(inside_->tables.conversations.find(log));
  if (!known) return refill;
  if (known->kind == wire::ConversationKind::direct) refill.partner = known->other;
  if (serverAt.empty()) {
    auto receipt = TRY(inside_->tables.entries.newestReceipt(log));
    if (receipt) refill = {Refill::Kind::give, refill.partner, {}, *std::move(receipt)};
    return refill;
  }
  wire::LogPlace at = TRY(inside_->serverPlace(log, serverAt));
  auto own =
      at.seq == 0 ? std::optional(wire::LogPlace::start(log).head) : TRY(inside_->tables.entries.head(log, at.seq));
  if (!own) return refill;
  if (*own != at.head) {
    refill.kind = Refill::Kind::lost;
    return refill;
  }
  auto run = TRY(inside_->tables.entries.run(log, at.seq + 1, kRefillEntriesMax, kRefillBytesMax));
  if (!run) return refill;
  for (store::RawEntry& entry : run->entries) refill.entries.push_back(pageEntryOf(std::move(entry)));
  refill.kind = Refill::Kind::give;
  refill.receipt = std::move(run->receipt);
  return refill;
}

Result<void> Core::confirm(const LogId& log) {
  return inside_->transact([&] { return inside_->tables.unconfirmed.confirm(log); });
}

Result<Outcome> Core::noteLost(const LogId& log, ByteView serverAt) {
  wire::LogPlace at = TRY(inside_->serverPlace(log, serverAt));
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    store::Conversation read = TRY(inside_->conversation(log));
    outcome.events.push_back(event::Alarm{
        log, "The server was restored, and the newest entries of this conversation are lost with what it had."});
    bool isMember = read.state == store::GroupState::member || read.state == store::GroupState::readOnly;
    if (isMember && at.commits == read.place.commits) {
      if (mls::Group* group = TRY(desk.groups.open(log))) group->tellGap(kLostEntriesMax);
    } else if (isMember) {
      read.state = store::GroupState::lost;
      read.roster = {};
      outcome.events.push_back(event::Unreadable{log, at.seq, Cause::lostState});
    }
    TRY(desk.tables.entries.forgetAll(log));
    TRY(desk.tables.entries.addHead(log, at.claim()));
    read.place = at;
    TRY(desk.tables.conversations.put(read));
    TRY(desk.tables.unconfirmed.confirm(log));
    outcome.follow.push_back({log, at.seq});
    return outcome;
  });
}

store::Result<wire::LogPlace> Core::Inside::serverPlace(const LogId& log, ByteView signedHead) {
  auto head = decode<wire::SignedHead>(signedHead);
  if (!head || !server) return badHead();
  auto place = conversation::checkHead(*head, log, server->info);
  if (!place) return badHead();
  return *place;
}

}  // namespace qpq::client::core
