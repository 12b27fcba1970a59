#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "server/store/error.h"
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
  virtual ~KeyPackages() = default;

  [[nodiscard]] virtual Result<bool> seen(const AccountId& account, const wire::Hash& package) = 0;
  // The hash has not been seen: the caller has looked.
  [[nodiscard]] virtual Result<void> add(const wire::RosterEntry& device, const KeptPackage& package) = 0;
  [[nodiscard]] virtual Result<void> replaceLastResort(const wire::RosterEntry& device, const KeptPackage& package) = 0;
  [[nodiscard]] virtual Result<PackageCount> count(const wire::RosterEntry& device, uint64_t nowMs) = 0;

  // The oldest that has not expired leaves for good; else the last resort, which stays; else nothing.
  [[nodiscard]] virtual Result<std::optional<TakenPackage>> take(const wire::RosterEntry& device, uint64_t nowMs) = 0;
  // What was seen stays known.
  [[nodiscard]] virtual Result<void> removeAll(const wire::RosterEntry& device) = 0;

  // What `taker` was answered to `request` of this account's packages.
  [[nodiscard]] virtual Result<std::optional<Bytes>> answer(const AccountId& account, const wire::RosterEntry& taker,
                                                            const RequestId& request) = 0;
  // It has not been answered yet.
  [[nodiscard]] virtual Result<void> remember(const AccountId& account, const wire::RosterEntry& taker,
                                              const RequestId& request, ByteView answer, uint64_t nowMs) = 0;

  // These go over everything.

  // All but the last resorts, for a restored store: whoever took one since the backup has spent it. Their devices
  // publish others when they come back.
  [[nodiscard]] virtual Result<void> removeOneTime() = 0;
  // Forgets packages and hashes that have expired and answers older than `takenBeforeMs`; how many rows,
  // at most `rowsMax` of each kind.
  [[nodiscard]] virtual Result<uint64_t> sweep(uint64_t nowMs, uint64_t takenBeforeMs, std::size_t rowsMax) = 0;
};

}  // namespace qpq::server::store
