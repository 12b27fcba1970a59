#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "client/store/failure.h"
#include "sql/database.h"
#include "wire/logs/chain.h"
#include "wire/logs/receipt.h"

namespace qpq::client::store {

struct RawEntry {
  wire::ChainLink link;
  Bytes envelope;
};

// Entries without a gap, and the server's receipt for the last of them.
struct ReceiptedRun {
  std::vector<RawEntry> entries;
  Bytes receipt;  // wire::Receipt
};

// What was read of the logs, as it was read: raw entries for a while, the chain's heads and the newest thing the server
// has signed about each log for good.
class Entries {
 public:
  explicit Entries(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<void> add(const LogId& log, const RawEntry& entry, Instant now);
  [[nodiscard]] Result<std::optional<RawEntry>> find(const LogId& log, uint64_t seq);
  [[nodiscard]] Result<void> forgetBefore(Instant stored);
  // The longest run from `first` on within these bounds (at least one page as it was received) that ends in a receipt;
  // nothing if it does not begin there or nothing in it is receipted.
  [[nodiscard]] Result<std::optional<ReceiptedRun>> run(const LogId& log, uint64_t first, std::size_t entriesMax,
                                                        std::size_t bytesMax);
  // The newest receipt kept, encoded; nothing if a head is newer.
  [[nodiscard]] Result<std::optional<Bytes>> newestReceipt(const LogId& log);
  // Raw entries, heads and signatures of what lies behind this place: another history takes theirs.
  [[nodiscard]] Result<void> forgetBehind(const LogId& log, uint64_t seq);

  [[nodiscard]] Result<void> addHead(const LogId& log, const wire::Claim& head);
  [[nodiscard]] Result<std::optional<wire::Hash>> head(const LogId& log, uint64_t seq);

  // Keeps it if it is of a later place than the one kept.
  [[nodiscard]] Result<void> keep(const wire::Receipt& receipt);
  [[nodiscard]] Result<void> keep(const wire::SignedHead& head);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
