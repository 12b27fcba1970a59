#include "client/core/core.h"
#include "client/core/inside.h"
#include "client/limits.h"
#include "mls/key_package.h"
#include "wire/inside/capabilities.h"

// The account's doorbells: what others add this device with.
namespace qpq::client::core {

namespace {

store::Result<store::OwnKeyPackage> makeOne(conversation::Desk& desk, store::Use use) {
  Instant now = desk.clock.now();
  Instant begins = now - kKeyPackageBackdatedMs;
  Instant ends = now + (kKeyPackageLifetimeMs - kKeyPackageBackdatedMs);
  auto made = mls::createKeyPackage(crypto::kProductSuite, desk.signer(),
                                    {.credential = {mls::BasicCredential{encode(desk.own.certificate)}},
                                     .capabilities = wire::productCapabilities(),
                                     .lifetime = {begins.unixMs / 1000, ends.unixMs / 1000}},
                                    desk.random);
  if (!made) return store::fail(ErrorCode::internal, "A key package could not be made.");
  mls::KeyPackageRef ref = mls::keyPackageRef(crypto::kProductSuite, made->keyPackage);
  return store::OwnKeyPackage{.ref = std::move(ref),
                              .keyPackage = std::move(made->keyPackage),
                              .privateKeys = std::move(made->privateKeys),
                              .use = use,
                              .notAfter = ends};
}

}  // namespace

store::Result<std::vector<Bytes>> Core::Inside::makeKeyPackages(uint32_t count, store::Use use) {
  conversation::Desk before = TRY(desk());
  return transact([&]() -> store::Result<std::vector<Bytes>> {
    std::vector<Bytes> packages;
    for (uint32_t i = 0; i < count; ++i) {
      store::OwnKeyPackage own = TRY(makeOne(before, use));
      TRY(tables.keyPackages.add(own));
      packages.push_back(encode(own.keyPackage));
    }
    return packages;
  });
}

Result<std::vector<Bytes>> Core::makeKeyPackages(uint32_t count) {
  return inside_->makeKeyPackages(std::min(count, kKeyPackagesAtOnceMax), store::Use::once);
}

Result<Bytes> Core::makeLastResort() { return TRY(inside_->makeKeyPackages(1, store::Use::lastResort)).front(); }

}  // namespace qpq::client::core
