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
  auto own = TRY(inside_->headAt(log, at.seq));
  if (own && *own != at.head) {
    refill.kind = Refill::Kind::lost;
    return refill;
  }
  std::optional<store::ReceiptedRun> run;
  if (own) run = TRY(inside_->tables.entries.run(log, at.seq + 1, kRefillEntriesMax, kRefillBytesMax));
  if (!run) {
    if (TRY(inside_->hasWaited(log, at))) refill.kind = Refill::Kind::lost;
    return refill;
  }
  for (store::RawEntry& entry : run->entries) refill.entries.push_back(pageEntryOf(std::move(entry)));
  refill.kind = Refill::Kind::give;
  refill.receipt = std::move(run->receipt);
  return refill;
}

Result<uint64_t> Core::bothReach(const LogId& log, ByteView serverAt) {
  wire::LogPlace at = TRY(inside_->serverPlace(log, serverAt));
  store::Conversation own = TRY(inside_->conversation(log));
  return std::min(at.seq, own.place.seq);
}

Result<std::optional<bool>> Core::wasAt(const LogId& log, ByteView signedHead) {
  wire::LogPlace at = TRY(inside_->serverPlace(log, signedHead));
  auto own = TRY(inside_->headAt(log, at.seq));
  return own ? std::optional(*own == at.head) : std::nullopt;
}

Result<void> Core::confirm(const LogId& log) {
  return inside_->transact([&] { return inside_->tables.unconfirmed.confirm(log); });
}

Result<Outcome> Core::noteLost(const LogId& log, ByteView goesOnFrom) {
  wire::LogPlace to = TRY(inside_->serverPlace(log, goesOnFrom));
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    store::Conversation read = TRY(inside_->conversation(log));
    outcome.events.push_back(event::Alarm{
        log, "The server was restored, and the newest entries of this conversation are lost with what it had."});
    bool isMember = read.state == store::GroupState::member || read.state == store::GroupState::readOnly;
    if (isMember && to.commits == read.place.commits) {
      mls::Group* group = TRY(desk.groups.open(log));
      uint64_t skipped = to.seq > read.place.seq ? to.seq - read.place.seq : 0;
      if (group != nullptr) group->tellGap(static_cast<uint32_t>(std::min<uint64_t>(skipped, UINT32_MAX)));
    } else if (isMember) {
      read.state = store::GroupState::lost;
      read.roster = {};
      outcome.events.push_back(event::Unreadable{log, to.seq, Cause::lostState});
    }
    TRY(desk.tables.entries.forgetBehind(log, to.seq));
    TRY(desk.tables.entries.addHead(log, to.claim()));
    read.place = to;
    read.readSeq = TRY(desk.tables.messages.moveBack(log, to.seq, read.readSeq));
    TRY(desk.tables.conversations.put(read));
    TRY(desk.tables.unconfirmed.confirm(log));
    outcome.follow.push_back({log, to.seq});
    return outcome;
  });
}

store::Result<std::optional<wire::Hash>> Core::Inside::headAt(const LogId& log, uint64_t seq) {
  if (seq == 0) return wire::LogPlace::start(log).head;
  return tables.entries.head(log, seq);
}

store::Result<bool> Core::Inside::hasWaited(const LogId& log, const wire::LogPlace& serverAt) {
  auto since = TRY(tables.unconfirmed.since(log));
  store::Conversation read = TRY(conversation(log));
  bool lacksCommits = read.place.commits != serverAt.commits;
  return since && now() > *since + (lacksCommits ? kRefillCommitsPatienceMs : kRefillPatienceMs);
}

store::Result<wire::LogPlace> Core::Inside::serverPlace(const LogId& log, ByteView signedHead) {
  auto head = decode<wire::SignedHead>(signedHead);
  if (!head || !server) return badHead();
  auto place = conversation::checkHead(*head, log, server->info);
  if (!place) return badHead();
  return *place;
}

}  // namespace qpq::client::core
