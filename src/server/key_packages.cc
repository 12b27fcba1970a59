#include "server/key_packages.h"

#include <algorithm>
#include <expected>
#include <format>
#include <set>

#include "server/limits.h"
#include "server/store/row.h"
#include "wire/key_package.h"

namespace qpq::server {

namespace {

// A package that may be kept, or the rule it breaks.
std::expected<store::KeptPackage, std::string> checkPackage(Bytes encoded, const wire::Certificate& certificate,
                                                            Instant now) {
  if (encoded.size() > kKeyPackageSizeMax) return std::unexpected("tooLarge");
  auto package = decode<mls::KeyPackage>(encoded);
  if (!package) return std::unexpected("malformed");
  auto checked = wire::checkPublished(*package, certificate, now);
  if (!checked) return std::unexpected(std::string(wire::name(checked.error().code)));
  const auto* lifetime = package->leafNode.source.as<mls::Lifetime>();
  // checkPublished bounds the lifetime; a time beyond what the store can order is none of ours.
  if (lifetime == nullptr || lifetime->notAfter > (uint64_t{1} << 52)) return std::unexpected("lifetimeTooLong");
  wire::Hash hash = crypto::sha256(encoded);
  return store::KeptPackage{hash, lifetime->notAfter * kSecondMs, std::move(encoded)};
}

// One publish call, checked whole before anything of it is kept.
class Upload {
 public:
  Upload(Write& write, const wire::RosterEntry& device): write_(write), device_(device) {}

  store::Result<PublishOutcome> keep(std::vector<Bytes> packages, Bytes lastResort);

 private:
  using Checked = std::variant<store::KeptPackage, Refused>;
  store::Result<Checked> check(const wire::Certificate& certificate, Bytes package, std::string_view which);
  store::Result<uint32_t> limit() const;

  Write& write_;
  const wire::RosterEntry device_;
  std::set<wire::Hash> hashes_;
};

store::Result<Upload::Checked> Upload::check(const wire::Certificate& certificate, Bytes package,
                                             std::string_view which) {
  auto refuse = [&](std::string_view rule) { return Checked(Refused{std::format("{}: {}", which, rule)}); };
  auto checked = checkPackage(std::move(package), certificate, write_.now);
  if (!checked) return refuse(checked.error());
  bool seen = TRY(write_.tables.keyPackages.seen(device_.account, checked->hash));
  if (seen || !hashes_.insert(checked->hash).second) return refuse("seenBefore");
  return Checked(*std::move(checked));
}

// A device that has just been added needs one for each log its account is in.
store::Result<uint32_t> Upload::limit() const {
  uint64_t logs = TRY(write_.tables.inbox.size(device_.account));
  return static_cast<uint32_t>(std::clamp<uint64_t>(logs, kKeyPackagesPerDevice, kKeyPackagesPerDeviceMax));
}

store::Result<PublishOutcome> Upload::keep(std::vector<Bytes> packages, Bytes lastResort) {
  auto certificate = TRY(write_.tables.accounts.certificate(device_));
  if (!certificate) return Refused{"this device has no certificate"};
  auto kept = TRY(write_.tables.keyPackages.count(device_, write_.now.unixMs));
  uint32_t most = TRY(limit());
  if (kept.packages + packages.size() > most) return KeepsAtMost{most};

  std::vector<store::KeptPackage> checked;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    auto package = TRY(check(*certificate, std::move(packages[i]), std::format("package {}", i)));
    if (auto* refused = std::get_if<Refused>(&package)) return std::move(*refused);
    checked.push_back(std::get<store::KeptPackage>(std::move(package)));
  }
  std::optional<store::KeptPackage> last;
  if (!lastResort.empty()) {
    auto package = TRY(check(*certificate, std::move(lastResort), "lastResort"));
    if (auto* refused = std::get_if<Refused>(&package)) return std::move(*refused);
    last = std::get<store::KeptPackage>(std::move(package));
  }
  for (const store::KeptPackage& package : checked) TRY(write_.tables.keyPackages.add(device_, package));
  if (last) TRY(write_.tables.keyPackages.replaceLastResort(device_, *last));
  return Kept{static_cast<uint32_t>(kept.packages + checked.size())};
}

std::vector<DeviceId> activeDevices(const wire::DeviceList& list) {
  std::vector<DeviceId> devices;
  for (const wire::ListedDevice& listed : list.tbs.devices) {
    if (listed.state == wire::DeviceState::active) devices.push_back(listed.device);
  }
  return devices;
}

bool isActive(const wire::DeviceList& list, const DeviceId& device) {
  const wire::ListedDevice* listed = list.tbs.devices.find(device);
  return listed != nullptr && listed->state == wire::DeviceState::active;
}

}  // namespace

Answer<PublishOutcome> KeyPackages::publish(wire::RosterEntry device, std::vector<Bytes> packages, Bytes lastResort) {
  return writer_.run([device, packages = std::move(packages), last = std::move(lastResort)](Write& write) mutable {
    return Upload(write, device).keep(std::move(packages), std::move(last));
  });
}

Answer<store::PackageCount> KeyPackages::count(wire::RosterEntry device) {
  return reader_.run(
      [device, now = clock_.now()](store::Tables& tables) { return tables.keyPackages.count(device, now.unixMs); });
}

Answer<TakeOutcome> KeyPackages::take(TakeRequest request) {
  return writer_.run([request = std::move(request)](Write& write) { return takeIn(write, request); });
}

store::Result<TakeOutcome> KeyPackages::takeIn(Write& write, const TakeRequest& request) {
  store::Tables& tables = write.tables;
  auto before = TRY(tables.keyPackages.answer(request.account, request.taker, request.request));
  if (before) return TRY(store::stored<TakenPackages>(*before));
  auto list = TRY(tables.accounts.deviceList(request.account));
  if (!list) return NoSuchAccount{};
  std::set<DeviceId> named(request.devices.begin(), request.devices.end());
  if (named.size() != request.devices.size()) return Malformed{"a device is named twice"};
  if (named.size() > kActiveDevicesMax) return Malformed{"more devices than an account has"};
  if (request.taker.account != request.account) {
    if (uint64_t afterMs = write.rates.takes.perTaker.take(request.taker.account.view(), write.now))
      return TooOften{afterMs};
    if (uint64_t afterMs = write.rates.takes.perTarget.take(request.account.view(), write.now))
      return TooOften{afterMs};
  }
  TakenPackages answer{encode(*list), {}};
  for (const DeviceId& device : request.devices.empty() ? activeDevices(*list) : request.devices) {
    DevicePackage& entry = answer.devices.emplace_back(DevicePackage{device, {}, 0});
    if (!isActive(*list, device)) continue;
    auto taken = TRY(tables.keyPackages.take({request.account, device}, write.now.unixMs));
    if (!taken) continue;
    entry.package = std::move(taken->body);
    entry.isLastResort = taken->lastResort ? 1 : 0;
  }
  TRY(tables.keyPackages.remember(request.account, request.taker, request.request, encode(answer), write.now.unixMs));
  return answer;
}

}  // namespace qpq::server
