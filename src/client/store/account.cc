#include "client/store/account.h"

#include "client/store/stored.h"

namespace qpq::client::store {

namespace {

struct StoredRegistration {
  Bytes record;
  uint32_t memoryKib = 0;
  uint32_t passes = 0;
  uint32_t lanes = 0;
  Bytes vault;
  static constexpr auto fields() {
    return std::tuple{&StoredRegistration::record, &StoredRegistration::memoryKib, &StoredRegistration::passes,
                      &StoredRegistration::lanes, &StoredRegistration::vault};
  }
};

std::optional<Bytes> encodeRegistration(const std::optional<core::Registration>& registration) {
  if (!registration) return std::nullopt;
  const auto& [record, cost, vault] = *registration;
  return encode(StoredRegistration{record, cost.memoryKib, cost.passes, cost.lanes, vault});
}

Result<std::optional<core::Registration>> decodeRegistration(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::optional<core::Registration>();
  auto [record, memoryKib, passes, lanes, vault] = TRY(stored<StoredRegistration>(*bytes));
  return core::Registration{std::move(record), {memoryKib, passes, lanes}, std::move(vault)};
}

}  // namespace

Result<std::optional<OwnAccount>> Account::read() {
  auto row = TRY(database_.one<AccountState, std::string, Secret<32>, Bytes, Bytes, std::optional<Bytes>>(
      "SELECT state, name, device_seed, certificate, list, registration FROM account"));
  if (!row) return std::optional<OwnAccount>();
  auto& [state, name, seed, certificate, list, registration] = *row;
  return OwnAccount{.state = state,
                    .name = std::move(name),
                    .deviceSeed = std::move(seed),
                    .certificate = TRY(stored<wire::Certificate>(certificate)),
                    .list = TRY(stored<wire::DeviceList>(list)),
                    .registration = TRY(decodeRegistration(registration))};
}

Result<void> Account::put(const core::NewDevice& device, const std::optional<core::Registration>& registration) {
  TRY(drop());
  const wire::CertificateTBS& certified = device.certificate.tbs;
  TRY(database_.execute(
      "INSERT INTO account (id, state, name, account, device, device_seed, certificate, list, registration) "
      "VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
      AccountState::pending, device.name, certified.account, certified.device, device.deviceSeed,
      encode(device.certificate), encode(device.list), encodeRegistration(registration)));
  return {};
}

Result<void> Account::complete() {
  TRY(database_.execute("UPDATE account SET state = ?, registration = NULL", AccountState::signedIn));
  return {};
}

Result<void> Account::drop() {
  TRY(database_.execute("DELETE FROM account"));
  return {};
}

Result<void> Account::replaceList(const wire::DeviceList& list) {
  TRY(database_.execute("UPDATE account SET list = ?", encode(list)));
  return {};
}

}  // namespace qpq::client::store
