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

Result<std::optional<ReceiptedRun>> Entries::run(const LogId& log, uint64_t first, std::size_t entriesMax,
                                                 std::size_t bytesMax) {
  sql::Rows rows = TRY(database_.query(
      "SELECT seq, kind, entry, envelope, welcome_hash, receipt FROM entry WHERE log = ? AND seq >= ? ORDER BY seq "
      "LIMIT ?",
      log, first, uint64_t{entriesMax}));
  ReceiptedRun found;
  std::size_t bytes = 0, receipted = 0;
  while (TRY(rows.next())) {
    auto [seq, kind, id, envelope, welcome, receipt] =
        TRY((rows.read<uint64_t, wire::EntryKind, EntryId, Bytes, wire::Hash, std::optional<Bytes>>()));
    bytes += envelope.size();
    if (seq != first + found.entries.size() || bytes > bytesMax) break;
    wire::Hash hash = crypto::sha256(envelope);
    found.entries.push_back(
        {{.seq = seq, .kind = kind, .id = id, .envelope = hash, .welcome = welcome}, std::move(envelope)});
    if (!receipt) continue;
    receipted = found.entries.size();
    found.receipt = *std::move(receipt);
  }
  if (receipted == 0) return std::optional<ReceiptedRun>();
  found.entries.erase(found.entries.begin() + static_cast<std::ptrdiff_t>(receipted), found.entries.end());
  return found;
}

Result<std::optional<Bytes>> Entries::newestReceipt(const LogId& log) {
  auto kept = TRY(database_.one<std::optional<Bytes>>("SELECT receipt FROM attestation WHERE log = ?", log));
  return kept ? *std::move(kept) : std::nullopt;
}

Result<void> Entries::forgetBehind(const LogId& log, uint64_t seq) {
  TRY(database_.execute("DELETE FROM entry WHERE log = ? AND seq > ?", log, seq));
  TRY(database_.execute("DELETE FROM head WHERE log = ? AND seq > ?", log, seq));
  TRY(database_.execute("DELETE FROM attestation WHERE log = ? AND seq > ?", log, seq));
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
  TRY(database_.execute("UPDATE entry SET receipt = ? WHERE log = ? AND seq = ?", encode(receipt), receipt.leaf.log,
                        receipt.leaf.seq));
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
