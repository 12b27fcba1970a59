#include "client/engine/online.h"

#include "client/engine/failures.h"
#include "client/limits.h"
#include "loop/co_try.h"
#include "schema/data.h"

namespace qpq::client {

using schema::dataOf;

Online::Online(Dialled dialled, schema::Session::Client granted)
    : server(kj::mv(dialled)),
      session(kj::mv(granted)),
      logs(session.logsRequest().send().getLogs()),
      directory(session.directoryRequest().send().getDirectory()),
      keyPackages(session.keyPackagesRequest().send().getKeyPackages()) {}

Promise<kj::Own<Online>> resume(CoreSeat& core, Dialled dialled) {
  ByteArray<32> exporter = dialled.link.exporter;
  auto proof = CO_TRY(co_await core.ask([exporter](core::Core& c) { return c.signResume(exporter); }));
  auto request = dialled.link.node.resumeRequest();
  request.setAccount(dataOf(proof.account.view()));
  request.setDevice(dataOf(proof.device.view()));
  request.setSignature(dataOf(proof.signature));
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isRevoked()) co_return std::unexpected(failures::revoked());
  if (!outcome.isSession()) {
    co_return std::unexpected(
        Error{ErrorCode::notSignedIn, "the server does not know this device", "sign in again with: qpq login NAME"});
  }
  co_return kj::refcounted<Online>(kj::mv(dialled), outcome.getSession());
}

Promise<void> stockKeyPackages(CoreSeat& core, Online& online) {
  auto kept = co_await online.keyPackages.countRequest().send();
  uint32_t left = kept.getPackages();
  if (left >= kKeyPackagesKept / 2 && kept.getLastResort()) co_return Result<void>();
  uint32_t missing = left >= kKeyPackagesKept ? 0 : kKeyPackagesKept - left;
  auto packages = CO_TRY(co_await core.ask([missing](core::Core& c) { return c.makeKeyPackages(missing); }));
  auto request = online.keyPackages.publishRequest();
  auto list = request.initPackages(static_cast<kj::uint>(packages.size()));
  for (kj::uint i = 0; i < list.size(); ++i) list.set(i, dataOf(packages[i]));
  Bytes lastResort;
  if (!kept.getLastResort()) {
    lastResort = CO_TRY(co_await core.ask([](core::Core& c) { return c.makeLastResort(); }));
    request.setLastResort(dataOf(lastResort));
  }
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isRefused()) co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getRefused())));
  co_return Result<void>();
}

}  // namespace qpq::client
