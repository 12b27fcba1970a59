#pragma once

#include <optional>
#include <set>

#include "client/conversation/desk.h"
#include "client/conversation/page_check.h"
#include "client/core/core.h"
#include "client/profile/folder.h"
#include "client/profile/key_slot.h"
#include "client/store/tables.h"
#include "wire/inside/content.h"

namespace qpq::client::core {

// What the Core is made of. Its public operations are spread over the files beside this one by noun.
struct Core::Inside {
  Inside(profile::Folder held, profile::DataKey key, sql::Database database, Surroundings given)
      : folder(std::move(held)), dataKey(std::move(key)), tables(std::move(database)), surroundings(given) {}

  profile::Folder folder;
  profile::DataKey dataKey;
  store::Tables tables;
  Surroundings surroundings;
  conversation::Groups groups{tables.groupRecords};
  std::set<EntryId> accepted;
  std::optional<store::OwnAccount> own;  // signed in or about to be
  std::optional<store::KnownServer> server;

  Instant now() const { return surroundings.clock.now(); }
  bool signedIn() const { return own && own->state == store::AccountState::signedIn; }
  store::Result<void> reload();  // own and server, from the tables

  // `change` in one transaction: what it returns is durable.
  template <class Change>
  std::invoke_result_t<Change> transact(Change change) {
    sql::Transaction transaction = TRY(sql::Transaction::begin(tables.database));
    auto changed = change();
    if (!changed) return changed;
    TRY(transaction.commit());
    return changed;
  }
  // Likewise for one conversation, with the desk before it; after a failure its group is as its records say.
  template <class Change>
  std::invoke_result_t<Change, conversation::Desk&> step(const LogId& log, Change change) {
    conversation::Desk before = TRY(desk());
    auto step = TRY(conversation::Step::begin(before, log));
    auto changed = change(before);
    if (!changed) return changed;
    TRY(step.commit());
    return changed;
  }

  // notSignedIn
  store::Result<conversation::Desk> desk();
  // noSuchConversation
  store::Result<store::Conversation> conversation(const LogId& log);
  // … that takes changes from this device: notMember, updateNeeded.
  store::Result<store::Conversation> writable(const LogId& log);
  store::Result<std::vector<Bytes>> makeKeyPackages(uint32_t count, store::Use use);
  // Of a log whose rights have ended, all of it read: its conversation ends, if there is no group left to tell.
  store::Result<Outcome> endListed(const IndexEntry& entry);
  store::Result<void> noteListed(const IndexEntry& entry, Outcome& outcome);
  // Whether a receipted entry of one's own lies in what was pruned before this device had read it: it was stored,
  // perhaps in another form than the one it has taken since, and will never be read back.
  store::Result<bool> isPassed(const LogId& log, const wire::ReceiptLeaf& leaf);
  store::Result<Outcome> settlePassed(const store::OutboxRow& row, uint64_t seq);
  // What the signed head says of this log; an error if it does not hold.
  store::Result<wire::LogPlace> serverPlace(const LogId& log, ByteView signedHead);
  // As computed here, if it is remembered.
  store::Result<std::optional<wire::Hash>> headAt(const LogId& log, uint64_t seq);
  // For too long to wait any longer for somebody else to give back what must come before what this device has.
  store::Result<bool> hasWaited(const LogId& log, const wire::LogPlace& serverAt);
  store::Result<Outcome> readPage(const conversation::CheckedPage& page, const LogId& log);
  // A message in the outbox and in the history.
  store::Result<Written> queue(conversation::Desk& desk, const LogId& log, wire::ContentType type, ByteView body);
  store::Result<EntryId> wish(const LogId& log, store::Wish wish, Bytes body, store::Outbox::Turn turn);
};

}  // namespace qpq::client::core
