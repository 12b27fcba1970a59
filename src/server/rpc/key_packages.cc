#include "server/limits.h"
#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

void setOutcome(schema::Publish::Builder out, const PublishOutcome& outcome) {
  std::visit(Overloaded{
                 [&](Kept kept) { out.setAccepted(kept.packages); },
                 [&](const Refused& refused) { out.setRefused(text(refused.why)); },
                 [&](KeepsAtMost most) { out.setLimit(most.packages); },
             },
             outcome);
}

void setPackages(schema::Taken::Builder out, const TakenPackages& taken) {
  auto group = out.initPackages();
  group.setDeviceList(dataOf(taken.deviceList));
  auto devices = group.initDevices(static_cast<uint32_t>(taken.devices.size()));
  for (uint32_t i = 0; i < devices.size(); ++i) {
    const DevicePackage& from = taken.devices[i];
    devices[i].setDevice(dataOf(from.device.view()));
    devices[i].setLastResort(from.isLastResort != 0);
    if (from.package) {
      devices[i].setPackage(dataOf(*from.package));
    } else {
      devices[i].setNone();
    }
  }
}

void setOutcome(schema::Taken::Builder out, const TakeOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const TakenPackages& taken) { setPackages(out, taken); },
                 [&](NoSuchAccount) { out.setUnknownAccount(); },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
             },
             outcome);
}

// Ids of the sizes they must have, or nothing.
std::optional<TakeRequest> requestOf(const wire::RosterEntry& taker, schema::KeyPackages::TakeParams::Reader in) {
  auto request = idOf<RequestId>(in.getRequest());
  auto account = idOf<AccountId>(in.getAccount());
  if (!request || !account) return std::nullopt;
  TakeRequest result{taker, *request, *account, {}};
  for (auto named : in.getDevices()) {
    auto device = idOf<DeviceId>(named);
    if (!device) return std::nullopt;
    result.devices.push_back(*device);
  }
  return result;
}

class KeyPackagesServer final: public schema::KeyPackages::Server {
 public:
  KeyPackagesServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> publish(PublishContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    if (in.getPackages().size() > kKeyPackagesPerDeviceMax) {
      context.getResults().initOutcome().setLimit(uint32_t{kKeyPackagesPerDeviceMax});
      co_return;
    }
    std::vector<Bytes> packages;
    for (auto package : in.getPackages()) packages.push_back(bytesOf(package));
    auto outcome = available(
        co_await services_.keyPackages.publish(session_->device(), std::move(packages), bytesOf(in.getLastResort())));
    if (std::holds_alternative<Kept>(outcome)) services_.observer.packagesPublished(in.getPackages().size());
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> count(CountContext context) override {
    session_->requireLive();
    auto count = available(co_await services_.keyPackages.count(session_->device()));
    context.getResults().setPackages(count.packages);
    context.getResults().setLastResort(count.lastResort);
  }

  kj::Promise<void> take(TakeContext context) override {
    session_->requireLive();
    auto request = requestOf(session_->device(), context.getParams());
    if (!request) {
      context.getResults().initOutcome().setMalformed("request, account, devices: 16 bytes each");
      co_return;
    }
    auto outcome = counted(services_.observer, available(co_await services_.keyPackages.take(*std::move(request))));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

 private:
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::KeyPackages::Client makeKeyPackages(Services& services, kj::Own<Session> session) {
  return kj::heap<KeyPackagesServer>(services, kj::mv(session));
}

}  // namespace qpq::server::rpc
