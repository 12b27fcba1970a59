#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "client/store/failure.h"
#include "mls/key_package.h"
#include "sql/database.h"

namespace qpq::client::store {

enum class Use : uint8_t { once = 0, lastResort = 1 };
constexpr bool isKnown(Use use) { return use == Use::once || use == Use::lastResort; }

struct OwnKeyPackage {
  mls::KeyPackageRef ref;
  mls::KeyPackage keyPackage;
  mls::KeyPackagePrivateKeys privateKeys;
  Use use{};
  Instant notAfter;
};

// Key packages of this device with their private halves, until a Welcome has used them.
class KeyPackages {
 public:
  explicit KeyPackages(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<void> add(const OwnKeyPackage& keyPackage);
  [[nodiscard]] Result<std::optional<OwnKeyPackage>> find(ByteView ref);
  // One that was for one use is gone with it; the last resort stays.
  [[nodiscard]] Result<void> use(ByteView ref);
  [[nodiscard]] Result<void> forgetBefore(Instant notAfter);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
