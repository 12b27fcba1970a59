#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class EnrolmentServer final: public schema::Enrolment::Server {
 public:
  EnrolmentServer(Services& services, const AccountId& account): services_(services), account_(account) {}

  kj::Promise<void> vault(VaultContext context) override {
    Bytes vault = encode(available(co_await services_.vaults.read(account_)).vault);
    context.getResults().setVault(dataOf(vault));
  }

  kj::Promise<void> devices(DevicesContext context) override {
    Bytes list = encode(available(co_await services_.devices.list(account_)));
    context.getResults().setList(dataOf(list));
  }

  kj::Promise<void> enrol(EnrolContext context) override {
    auto in = context.getParams();
    auto outcome =
        available(co_await services_.devices.enrol(account_, bytesOf(in.getCertificate()), bytesOf(in.getList())));
    setListUpdate(context.getResults().initOutcome(), outcome);
  }

 private:
  Services& services_;
  const AccountId account_;
};

}  // namespace

schema::Enrolment::Client makeEnrolment(Services& services, const AccountId& account) {
  return kj::heap<EnrolmentServer>(services, account);
}

}  // namespace qpq::server::rpc
