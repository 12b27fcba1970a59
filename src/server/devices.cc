#include "server/devices.h"

#include <algorithm>
#include <expected>

#include "loop/co_try.h"
#include "server/limits.h"
#include "wire/limits.h"

namespace qpq::server {

namespace {

using wire::VerifiedCertificate;
using wire::VerifiedDeviceList;

Malformed malformed(const wire::Error& error) { return {std::string(wire::name(error.code))}; }

struct Change {
  VerifiedDeviceList list;
  std::optional<VerifiedCertificate> certificate;  // of the device that is being enrolled
};

// What the bytes alone can say against a change.
std::expected<Change, ListOutcome> parse(const AccountId& account, ByteView list, std::optional<ByteView> certificate) {
  auto decoded = decode<wire::DeviceList>(list);
  if (!decoded && wire::Error(decoded.error()).code == wire::ErrorCode::tooLarge) {
    return std::unexpected(TooManyDevices{uint32_t{wire::kListedDevicesMax}});
  }
  if (!decoded) return std::unexpected(malformed(decoded.error()));
  if (decoded->tbs.account != account) return std::unexpected(malformed(wire::Error(wire::ErrorCode::otherAccount)));
  auto verified = VerifiedDeviceList::check(*std::move(decoded));
  if (!verified) return std::unexpected(malformed(verified.error()));
  auto active = std::ranges::count((*verified)->devices, wire::DeviceState::active, &wire::ListedDevice::state);
  if (static_cast<std::size_t>(active) > kActiveDevicesMax) {
    return std::unexpected(TooManyDevices{uint32_t{kActiveDevicesMax}});
  }
  Change change{*std::move(verified), {}};
  if (certificate) {
    auto checked = VerifiedCertificate::parse(*certificate);
    if (!checked) return std::unexpected(malformed(checked.error()));
    change.certificate = *std::move(checked);
  }
  return change;
}

store::Result<void> store(Write& write, const Change& change) {
  const wire::DeviceList& list = change.list.list();
  TRY(write.tables.accounts.replaceDeviceList(list));
  if (change.certificate) TRY(write.tables.accounts.putCertificate(change.certificate->certificate()));
  for (const wire::ListedDevice& listed : list.tbs.devices) {
    if (listed.state == wire::DeviceState::active) continue;
    TRY(write.tables.keyPackages.removeAll({list.tbs.account, listed.device}));
  }
  write.news.lists.push_back(list);
  return {};
}

store::Result<ListOutcome> apply(Write& write, const Change& change) {
  auto stored = TRY(write.tables.accounts.deviceList(change.list->account));
  if (!stored) return Malformed{"no such account"};
  if (*stored == change.list.list()) return Accepted{};
  if (change.list->listVersion != stored->tbs.listVersion + 1) return OtherList{*std::move(stored)};
  auto before = VerifiedDeviceList::check(*std::move(stored));
  if (!before) return store::damaged("a stored device list does not verify");
  auto checked = change.certificate ? wire::checkEnrolment(*before, change.list, *change.certificate)
                                    : wire::checkRevocation(*before, change.list);
  if (!checked && checked.error().code == wire::ErrorCode::listPreviousDiffers) return OtherList{before->list()};
  if (!checked) return malformed(checked.error());
  TRY(store(write, change));
  return Accepted{};
}

}  // namespace

Answer<wire::DeviceList> Devices::list(AccountId account) {
  auto list =
      CO_TRY(co_await reader_.run([account](store::Tables& tables) { return tables.accounts.deviceList(account); }));
  // Whoever may ask has an account, and accounts are not taken away.
  if (!list) co_return std::unexpected(Unavailable());
  co_return *std::move(list);
}

Answer<ListOutcome> Devices::enrol(AccountId account, Bytes certificate, Bytes list) {
  auto change = parse(account, list, certificate);
  if (!change) co_return std::move(change).error();
  co_return co_await writer_.run([change = *std::move(change)](Write& write) { return apply(write, change); });
}

Answer<ListOutcome> Devices::update(AccountId account, Bytes list) {
  auto change = parse(account, list, std::nullopt);
  if (!change) co_return std::move(change).error();
  co_return co_await writer_.run([change = *std::move(change)](Write& write) { return apply(write, change); });
}

}  // namespace qpq::server
