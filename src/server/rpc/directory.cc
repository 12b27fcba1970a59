#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

void setOutcome(schema::Person::Builder out, const PersonOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const store::Person& person) {
                   Bytes list = encode(person.list);
                   auto found = out.initFound();
                   found.setAccount(dataOf(person.account.view()));
                   found.setName(text(person.name));
                   found.setDevices(dataOf(list));
                 },
                 [&](NoSuchPerson) { out.setUnknown(); },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
             },
             outcome);
}

class DirectoryServer final: public schema::Directory::Server {
 public:
  DirectoryServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> lookup(LookupContext context) override {
    session_->requireLive();
    auto outcome = counted(services_.observer, available(co_await services_.directory.lookup(
                                                   session_->account(), stringOf(context.getParams().getName()))));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> account(AccountContext context) override {
    session_->requireLive();
    auto account = idOf<AccountId>(context.getParams().getAccount());
    if (!account) {
      context.getResults().initOutcome().setMalformed("account: 16 bytes");
      co_return;
    }
    auto outcome =
        counted(services_.observer, available(co_await services_.directory.account(session_->account(), *account)));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

 private:
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::Directory::Client makeDirectory(Services& services, kj::Own<Session> session) {
  return kj::heap<DirectoryServer>(services, kj::mv(session));
}

}  // namespace qpq::server::rpc
