#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::server::store {

struct KeptPackage {
  wire::Hash hash;  // SHA-256 of the body
  uint64_t notAfterMs;
  Bytes body;  // an encoded mls::KeyPackage
};

struct PackageCount {
  uint32_t packages;
  bool lastResort;
};

struct TakenPackage {
  Bytes body;
  bool lastResort;
};

// Key packages by device, each taken exactly once. Shard key: the account they belong to.
class KeyPackages {
 public:
  explicit KeyPackages(sql::Database& database): database_(database) {}

  [[nodiscard]] sql::Result<bool> seen(const AccountId& account, const wire::Hash& package);
  // The hash has not been seen: the caller has looked.
  [[nodiscard]] sql::Result<void> add(const wire::RosterEntry& device, const KeptPackage& package);
  [[nodiscard]] sql::Result<void> replaceLastResort(const wire::RosterEntry& device, const KeptPackage& package);
  [[nodiscard]] sql::Result<PackageCount> count(const wire::RosterEntry& device, uint64_t nowMs);

  // The oldest that has not expired leaves for good; else the last resort, which stays; else nothing.
  [[nodiscard]] sql::Result<std::optional<TakenPackage>> take(const wire::RosterEntry& device, uint64_t nowMs);
  [[nodiscard]] sql::Result<void> removeAll(const wire::RosterEntry& device);

  // What `taker` was answered to `request` of this account's packages.
  [[nodiscard]] sql::Result<std::optional<Bytes>> answer(const AccountId& account, const wire::RosterEntry& taker,
                                                         const RequestId& request);
  [[nodiscard]] sql::Result<void> remember(const AccountId& account, const wire::RosterEntry& taker,
                                           const RequestId& request, ByteView answer, uint64_t nowMs);

  // Forgets packages and hashes that have expired and answers older than `takenBeforeMs`; how many rows.
  [[nodiscard]] sql::Result<uint64_t> sweep(uint64_t nowMs, uint64_t takenBeforeMs, std::size_t rowsMax);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
