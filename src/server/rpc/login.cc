#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class LoginServer final: public schema::Login::Server {
 public:
  LoginServer(Services& services, std::unique_ptr<PendingLogin> login, kj::TimePoint begun)
      : services_(services), login_(std::move(login)), begun_(begun) {}

  ~LoginServer() noexcept(false) {
    if (!ended_) services_.observer.loginEnded(LoginEnd::abandoned, services_.timer.now() - begun_);
  }

  kj::Promise<void> finish(FinishContext context) override {
    auto outcome = login_->finish(viewOf(context.getParams().getKe3()), services_.clock.now());
    ended_ = true;
    services_.observer.loginEnded(std::holds_alternative<AccountId>(outcome) ? LoginEnd::proven : LoginEnd::denied,
                                  services_.timer.now() - begun_);
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
  const kj::TimePoint begun_;
  bool ended_ = false;
};

}  // namespace

schema::Login::Client makeLogin(Services& services, std::unique_ptr<PendingLogin> login, kj::TimePoint begun) {
  return kj::heap<LoginServer>(services, std::move(login), begun);
}

}  // namespace qpq::server::rpc
