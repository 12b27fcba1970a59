#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class LoginServer final: public schema::Login::Server {
 public:
  LoginServer(Services& services, std::unique_ptr<PendingLogin> login): services_(services), login_(std::move(login)) {}

  kj::Promise<void> finish(FinishContext context) override {
    auto outcome = login_->finish(viewOf(context.getParams().getKe3()), services_.clock.now());
    auto out = context.getResults().initOutcome();
    std::visit(Overloaded{
                   [&](const AccountId& account) {
                     auto group = out.initAccount();
                     group.setId(dataOf(account.view()));
                     group.setEnrolment(makeEnrolment(services_, account));
                   },
                   [&](Denied) { out.setDenied(); },
               },
               outcome);
    return kj::READY_NOW;
  }

 private:
  Services& services_;
  std::unique_ptr<PendingLogin> login_;
};

}  // namespace

schema::Login::Client makeLogin(Services& services, std::unique_ptr<PendingLogin> login) {
  return kj::heap<LoginServer>(services, std::move(login));
}

}  // namespace qpq::server::rpc
