#include "client/conversation/sealing.h"

#include "client/conversation/members.h"
#include "wire/inside/append_token.h"
#include "wire/inside/capabilities.h"
#include "wire/inside/content.h"
#include "wire/limits.h"
#include "wire/logs/admission.h"
#include "wire/logs/envelope.h"

namespace qpq::client::conversation {

namespace {

Bytes envelopeOf(ByteView message) {
  Bytes tag = encode(wire::EnvelopeType::mls);
  return concat({tag, message});
}

store::Sealed sealedAs(const wire::Terms& terms, ByteView message) {
  Bytes envelope = envelopeOf(message);
  wire::Hash hash = crypto::sha256(envelope);
  return {.commitsSeen = terms.commitsSeen, .envelope = std::move(envelope), .envelopeHash = hash};
}

Error tooLarge(std::string what) { return {ErrorCode::tooLarge, std::move(what), {}}; }

Error refusedByGroup(const mls::Error& error) {
  bool isKey = error.code == mls::ErrorCode::invalidKey || error.code == mls::ErrorCode::duplicateSignatureKey ||
               error.code == mls::ErrorCode::duplicateEncryptionKey;
  if (isKey) return {ErrorCode::serverRefused, "A key package for this invitation is of no use.", "Invite again."};
  return {ErrorCode::internal,
          "The group refused a change (" + std::to_string(static_cast<unsigned>(error.code)) + ").",
          {}};
}

store::Result<Sealing> sealText(Desk& desk, const store::Conversation& conversation, const store::OutboxRow& row) {
  mls::Group* group = TRY(desk.groups.open(conversation.log));
  auto message = TRY(desk.tables.messages.find(conversation.log, desk.self().device, row.id));
  if (group == nullptr || !message) return store::fail(ErrorCode::profileCorrupt, "A queued message is missing.");
  // A leave waits for its commit, and until then nothing else may be said.
  if (!group->proposals().empty()) return Sealing(Waits{});
  wire::Content content{.id = row.id,
                        .newest = conversation.place.claim(),
                        .sentMs = message->sent.unixMs,
                        .type = static_cast<wire::ContentType>(message->type),
                        .body = std::move(message->body)};
  wire::Terms terms{.id = row.id, .commitsSeen = conversation.place.commits, .body = wire::MessageTerms{}};
  auto sealed = group->protect(encode(content), encode(terms), desk.random);
  if (!sealed) return Sealing(refusedByGroup(sealed.error()));
  return Sealing(sealedAs(terms, *sealed));
}

store::Result<Sealing> sealLeave(Desk& desk, const store::Conversation& conversation, const store::OutboxRow& row) {
  mls::Group* group = TRY(desk.groups.open(conversation.log));
  if (group == nullptr) return store::fail(ErrorCode::profileCorrupt, "The state of a conversation is missing.");
  wire::Terms terms{
      .id = row.id, .commitsSeen = conversation.place.commits, .body = wire::ProposalTerms{.leaver = desk.self()}};
  auto sealed = group->propose({mls::SelfRemove{}}, encode(terms), desk.random);
  // One is kept already, for a count that a refused commit has used up; the commit that mends makes room.
  if (!sealed && sealed.error().code == mls::ErrorCode::conflictingProposals) return Sealing(Waits{});
  if (!sealed) return Sealing(refusedByGroup(sealed.error()));
  return Sealing(sealedAs(terms, *sealed));
}

// What the server and every member are told of the change, known before the commit is made.
std::expected<wire::Terms, Error> termsOf(Desk& desk, const store::Conversation& conversation, const EntryId& id,
                                          const mls::Group& group, const mls::CommitPlan& plan) {
  auto preview = group.preview(plan);
  if (!preview) return std::unexpected(refusedByGroup(preview.error()));
  auto leaves = leavesOf(preview->members);
  if (!leaves) return std::unexpected(Error{ErrorCode::serverRefused, "Somebody invited is not who they claim.", {}});
  wire::Sorted<wire::RosterEntry> newLeaves;
  if (conversation.place.commits == 0) newLeaves.set(desk.self());
  for (const mls::Member& member : preview->members) {
    bool isNew = std::ranges::contains(preview->added, member.leaf);
    if (auto entry = entryOf(member); entry && isNew) newLeaves.set(*entry);
  }
  wire::Sorted<wire::RosterEntry> after = leaves->entries();
  auto change = wire::changeTo(conversation.wholeRoster(), after, newLeaves);
  wire::CommitTerms commit{.newest = conversation.place.claim(),
                           .removed = std::move(change.removed),
                           .added = std::move(change.added),
                           .restored = std::move(change.restored),
                           .rosterAfter = wire::Roster{conversation.log, std::move(after)}.hash(),
                           .evidence = {}};
  return wire::Terms{.id = id, .commitsSeen = conversation.place.commits, .body = std::move(commit)};
}

// Whether the others will take it: better to know before it has used up a number.
std::optional<Error> refusal(const store::Conversation& conversation, const mls::Group& group,
                             const wire::Terms& terms) {
  auto epoch = epochOf(conversation.log, group);
  auto change = changeOf(group, group.pending()->effects());
  if (!epoch || !change) return Error{ErrorCode::updateNeeded, "This conversation needs a newer qpq.", {}};
  auto judged = wire::judge(*epoch, leavingOf(group), *change, terms);
  if (judged) return std::nullopt;
  return Error{ErrorCode::notAllowed,
               "This is not yours to do here (" + std::string(wire::name(judged.error().code)) + ").",
               {}};
}

std::expected<store::Sealed, Error> commitTo(Desk& desk, const store::Conversation& conversation, const EntryId& id,
                                             mls::Group& group, const mls::CommitPlan& plan) {
  wire::Terms terms = TRY(termsOf(desk, conversation, id, group, plan));
  Bytes authenticatedData = encode(terms);
  auto pending = group.commit(
      plan, {.authenticatedData = authenticatedData, .groupInfoExtensions = {.items = {wire::termsExtension(terms)}}},
      desk.random);
  if (!pending) return std::unexpected(refusedByGroup(pending.error()));
  if (auto problem = refusal(conversation, group, terms)) {
    group.discard();
    return std::unexpected(*std::move(problem));
  }
  store::Sealed sealed = sealedAs(terms, (*pending)->message());
  sealed.welcome = (*pending)->welcome().value_or(Bytes{});
  auto token = (*pending)->exportSecret(wire::kAppendExporterLabel, conversation.log.view(), wire::kExportedSize);
  if (!token) {
    group.discard();
    return std::unexpected(refusedByGroup(token.error()));
  }
  sealed.tokenHash = toBytes(wire::appendTokenHash(wire::AppendToken(token->expose().first<wire::kExportedSize>())));
  if (sealed.envelope.size() > wire::kUploadSizeMax || sealed.welcome.size() > wire::kUploadSizeMax) {
    group.discard();
    return std::unexpected(tooLarge("No server takes a change of so large a conversation."));
  }
  return sealed;
}

store::Result<Sealing> sealFounding(Desk& desk, const store::Conversation& conversation, const store::OutboxRow& row) {
  if (conversation.place.seq > 0) {
    return Sealing(Error{ErrorCode::notMember, "Somebody else began this conversation, without this device.",
                         "Ask them to add it."});
  }
  auto founded = TRY(foundGroup(desk, row));
  if (!founded) return Sealing(std::move(founded).error());
  mls::Group* group = TRY(desk.groups.replace(row.log, std::move(founded->group)));
  auto sealed = commitTo(desk, conversation, row.id, *group, founded->plan);
  if (!sealed) return Sealing(std::move(sealed).error());
  return Sealing(*std::move(sealed));
}

}  // namespace

store::Result<Sealing> seal(Desk& desk, const store::Conversation& conversation, const store::OutboxRow& row) {
  if (row.wish == store::Wish::message) return sealText(desk, conversation, row);
  if (row.wish == store::Wish::leave) return sealLeave(desk, conversation, row);
  if (row.wish == store::Wish::found) return sealFounding(desk, conversation, row);
  mls::Group* group = TRY(desk.groups.open(conversation.log));
  if (group == nullptr) return store::fail(ErrorCode::profileCorrupt, "The state of a conversation is missing.");
  Plan plan = TRY(planFor(desk, row, *group));
  if (auto* problem = std::get_if<Error>(&plan)) return Sealing(std::move(*problem));
  if (std::holds_alternative<Moot>(plan)) return Sealing(Moot{});
  auto sealed = commitTo(desk, conversation, row.id, *group, std::get<mls::CommitPlan>(plan));
  if (!sealed) return Sealing(std::move(sealed).error());
  return Sealing(*std::move(sealed));
}

}  // namespace qpq::client::conversation
