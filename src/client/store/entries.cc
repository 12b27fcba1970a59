#include "client/store/entries.h"

namespace qpq::client::store {

Result<void> Entries::add(const LogId& log, const RawEntry& entry, Instant now) {
  const wire::ChainLink& link = entry.link;
  TRY(database_.execute(
      "INSERT INTO entry (log, seq, kind, entry, envelope, welcome_hash, stored_ms) VALUES (?, ?, ?, ?, ?, ?, ?)", log,
      link.seq, link.kind, link.id, ByteView(entry.envelope), ByteView(link.welcome), now.unixMs));
  return {};
}

Result<std::optional<RawEntry>> Entries::find(const LogId& log, uint64_t seq) {
  auto row = TRY(database_.one<wire::EntryKind, EntryId, Bytes, wire::Hash>(
      "SELECT kind, entry, envelope, welcome_hash FROM entry WHERE log = ? AND seq = ?", log, seq));
  if (!row) return std::optional<RawEntry>();
  auto& [kind, id, envelope, welcome] = *row;
  wire::Hash hash = crypto::sha256(envelope);
  return RawEntry{{.seq = seq, .kind = kind, .id = id, .envelope = hash, .welcome = welcome}, std::move(envelope)};
}

Result<void> Entries::forgetBefore(Instant stored) {
  TRY(database_.execute("DELETE FROM entry WHERE stored_ms < ?", stored.unixMs));
  return {};
}

Result<void> Entries::addHead(const LogId& log, const wire::Claim& head) {
  TRY(
      database_.execute("INSERT INTO head (log, seq, head) VALUES (?, ?, ?) "
                        "ON CONFLICT (log, seq) DO UPDATE SET head = excluded.head",
                        log, head.seq, ByteView(head.head)));
  return {};
}

Result<std::optional<wire::Hash>> Entries::head(const LogId& log, uint64_t seq) {
  return TRY(database_.one<wire::Hash>("SELECT head FROM head WHERE log = ? AND seq = ?", log, seq));
}

Result<void> Entries::keep(const wire::Receipt& receipt) {
  TRY(
      database_.execute("INSERT INTO attestation (log, seq, receipt, head) VALUES (?, ?, ?, NULL) ON CONFLICT (log) DO "
                        "UPDATE SET seq = excluded.seq, receipt = excluded.receipt, head = NULL "
                        "WHERE excluded.seq >= seq",
                        receipt.leaf.log, receipt.leaf.seq, encode(receipt)));
  return {};
}

Result<void> Entries::keep(const wire::SignedHead& head) {
  TRY(
      database_.execute("INSERT INTO attestation (log, seq, receipt, head) VALUES (?, ?, NULL, ?) ON CONFLICT (log) DO "
                        "UPDATE SET seq = excluded.seq, receipt = NULL, head = excluded.head WHERE excluded.seq >= seq",
                        head.tbs.log, head.tbs.seq, encode(head)));
  return {};
}

}  // namespace qpq::client::store
