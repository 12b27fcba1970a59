#include "client/conversation/join.h"

#include "client/conversation/members.h"
#include "client/conversation/settle.h"
#include "wire/inside/capabilities.h"
#include "wire/inside/join.h"

namespace qpq::client::conversation {

namespace {

// The key package a Welcome is for, with the name it has there.
store::Result<std::optional<store::OwnKeyPackage>> packageFor(Desk& desk, const mls::Welcome& welcome) {
  for (const mls::EncryptedGroupSecrets& secrets : welcome.secrets) {
    auto own = TRY(desk.tables.keyPackages.find(secrets.newMember));
    if (own) return own;
  }
  return std::optional<store::OwnKeyPackage>();
}

struct Entered {
  mls::JoinedGroup joined;
  std::optional<wire::Conversation> conversation;  // nothing: its policy is one this version does not know
  wire::Leaves leaves;
};

wire::Result<wire::Conversation> conversationFor(const mls::Group& group, const LogId& log) {
  return wire::checkGroupContext(group.context(), log);
}

// What wire.md asks of the newcomer.
wire::Result<Entered> checkEntered(Desk& desk, const store::Conversation& known, const CheckedEntry& entry,
                                   mls::JoinedGroup joined) {
  Entered entered{.joined = std::move(joined), .conversation = std::nullopt, .leaves = {}};
  auto conversation = conversationFor(entered.joined.group, known.log);
  bool isLater = !conversation && conversation.error().code == wire::ErrorCode::unknownPolicy;
  if (!conversation && !isLater) return std::unexpected(conversation.error());
  entered.leaves = TRY(leavesOf(entered.joined.group.members()));
  wire::Joining joining{
      .log = known.log,
      .self = desk.self(),
      .entry = {entry.link.seq, entry.link.kind, entry.link.id, entry.before.commits},
      .terms = TRY(wire::termsOf({.extensions = entered.joined.groupInfoExtensions})),
      .conversation = isLater ? wire::Conversation{} : *conversation,
      .leaves = entered.leaves,
      .knownPair = std::nullopt,
  };
  if (known.other && !isLater) joining.knownPair = wire::Sorted<AccountId, 2>{desk.self().account, *known.other};
  TRY(wire::checkJoin(joining));
  if (!isLater) entered.conversation = *std::move(conversation);
  return entered;
}

store::Result<void> enter(Desk& desk, store::Conversation& conversation, Entered entered, core::Outcome& outcome) {
  auto adder = entered.joined.group.leaf(entered.joined.adder);
  auto certificate = wire::certificateOf(*adder);
  conversation.roster = entered.leaves.entries();
  conversation.state = entered.conversation ? store::GroupState::member : store::GroupState::readOnly;
  conversation.hasRights = true;
  conversation.ended = false;
  conversation.entered = false;
  conversation.mendSince.reset();
  conversation.lastActivity = desk.clock.now();
  if (entered.conversation) {
    conversation.kind = entered.conversation->kind;
    conversation.title = entered.conversation->name;
  }
  TRY(desk.groups.replace(conversation.log, std::move(entered.joined.group)));
  TRY(meetMembers(desk, conversation.log, entered.leaves, outcome));
  Who by = certificate ? TRY(desk.who(certificate->entry().account)) : Who();
  outcome.events.push_back(event::Joined{conversation.log, std::move(by)});
  return {};
}

// The own wish to begin this conversation has lost to the one that was just entered.
store::Result<void> settleFounding(Desk& desk, const LogId& log, core::Outcome& outcome) {
  for (const store::OutboxRow& row : TRY(desk.tables.outbox.rows(log))) {
    if (row.wish == store::Wish::found) TRY(settle(desk, row, outcome));
  }
  return {};
}

}  // namespace

store::Result<Joined> join(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                           core::Outcome& outcome) {
  auto refuse = [&](Cause cause) {
    outcome.events.push_back(event::Unreadable{conversation.log, entry.link.seq, cause});
    return Joined::no;
  };
  auto message = decode<mls::MLSMessage>(entry.welcome);
  const mls::Welcome* welcome = message ? message->as<mls::Welcome>() : nullptr;
  if (welcome == nullptr) return refuse(Cause::badCommit);
  auto own = TRY(packageFor(desk, *welcome));
  if (!own) return refuse(Cause::lostKeyPackage);
  auto joined =
      mls::Group::join(*welcome, own->keyPackage, own->privateKeys, desk.own.deviceSeed.expose(), mls::JoinOptions{});
  if (!joined) return refuse(Cause::badCommit);
  auto entered = checkEntered(desk, conversation, entry, *std::move(joined));
  if (!entered) return refuse(Cause::badCommit);
  TRY(settleFounding(desk, conversation.log, outcome));
  TRY(enter(desk, conversation, *std::move(entered), outcome));
  TRY(desk.tables.keyPackages.use(own->ref));
  return Joined::yes;
}

store::Result<void> meetMembers(Desk& desk, const LogId& log, const wire::Leaves& leaves, core::Outcome& outcome) {
  for (const wire::VerifiedCertificate& certificate : leaves.certificates()) {
    TRY(desk.tables.people.meet(certificate->account, certificate->accountKey));
    auto person = TRY(desk.tables.people.find(certificate->account));
    if (person && person->accountKey != certificate->accountKey) {
      outcome.events.push_back(event::Alarm{
          log, TRY(desk.nameOf(certificate->account)) + " appears here with another account key than before."});
    }
  }
  return {};
}

}  // namespace qpq::client::conversation
