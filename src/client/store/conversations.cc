#include "client/store/conversations.h"

#include "client/store/stored.h"

namespace qpq::client::store {

namespace {

using Cells =
    std::tuple<LogId, GroupState, wire::ConversationKind, std::optional<AccountId>, Bytes, uint64_t, wire::Hash,
               uint64_t, Bytes, bool, uint64_t, bool, std::optional<uint64_t>, bool, uint64_t, uint64_t>;

Result<Conversation> conversationOf(Cells cells) {
  auto& [log, state, kind, other, title, seq, head, commits, roster, hasRights, rightsEnd, ended, mendSince, entered,
         readSeq, lastActivity] = cells;
  Conversation conversation{.log = log,
                            .state = state,
                            .kind = kind,
                            .other = other,
                            .title = std::move(title),
                            .place = {.seq = seq, .head = head, .commits = commits},
                            .roster = TRY(stored<wire::Sorted<wire::RosterEntry>>(roster)),
                            .hasRights = hasRights,
                            .rightsEnd = rightsEnd,
                            .ended = ended,
                            .mendSince = std::nullopt,
                            .entered = entered,
                            .readSeq = readSeq,
                            .lastActivity = {lastActivity}};
  if (mendSince) conversation.mendSince = Instant{*mendSince};
  return conversation;
}

template <class T>
struct RowTypes;
template <class... T>
struct RowTypes<std::tuple<T...>> {
  static sql::Result<std::tuple<T...>> read(const sql::Rows& rows) { return rows.read<T...>(); }
};

Result<std::vector<Conversation>> readAll(sql::Rows rows) {
  std::vector<Conversation> found;
  while (TRY(rows.next())) found.push_back(TRY(conversationOf(TRY(RowTypes<Cells>::read(rows)))));
  return found;
}

}  // namespace

Result<std::optional<Conversation>> Conversations::find(const LogId& log) {
  auto found =
      TRY(readAll(TRY(database_.query("SELECT log, state, kind, other, title, seq, head, commits, roster, has_rights, "
                                      "rights_end, ended, mend_since_ms, "
                                      "entered, read_seq, last_activity_ms FROM conversation WHERE log = ?",
                                      log))));
  if (found.empty()) return std::optional<Conversation>();
  return std::move(found.front());
}

Result<std::vector<Conversation>> Conversations::all() {
  return readAll(TRY(database_.query(
      "SELECT log, state, kind, other, title, seq, head, commits, roster, has_rights, rights_end, ended, "
      "mend_since_ms, "
      "entered, read_seq, last_activity_ms FROM conversation ORDER BY last_activity_ms DESC, id DESC")));
}

Result<void> Conversations::put(const Conversation& c) {
  std::optional<uint64_t> mendSince;
  if (c.mendSince) mendSince = c.mendSince->unixMs;
  TRY(database_.execute(
      "INSERT INTO conversation (log, state, kind, other, title, seq, head, commits, roster, has_rights, rights_end, "
      "ended, mend_since_ms, entered, read_seq, last_activity_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (log) DO UPDATE SET state = excluded.state, kind = excluded.kind, other = excluded.other, "
      "title = excluded.title, seq = excluded.seq, head = excluded.head, commits = excluded.commits, "
      "roster = excluded.roster, has_rights = excluded.has_rights, "
      "rights_end = excluded.rights_end, ended = excluded.ended, mend_since_ms = excluded.mend_since_ms, entered = "
      "excluded.entered, read_seq = excluded.read_seq, "
      "last_activity_ms = excluded.last_activity_ms",
      c.log, c.state, c.kind, c.other, ByteView(c.title), c.place.seq, ByteView(c.place.head), c.place.commits,
      encode(c.roster), c.hasRights, c.rightsEnd, c.ended, mendSince, c.entered, c.readSeq, c.lastActivity.unixMs));
  return {};
}

Result<std::size_t> Conversations::count() {
  return TRY(database_.one<std::size_t>("SELECT count(*) FROM conversation")).value_or(0);
}

}  // namespace qpq::client::store
