#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class VaultServer final: public schema::Vault::Server {
 public:
  VaultServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> read(ReadContext context) override {
    session_->requireLive();
    auto stored = available(co_await services_.vaults.read(session_->account()));
    Bytes vault = encode(stored.vault);
    context.getResults().setVault(dataOf(vault));
    setCost(context.getResults().initCost(), stored.cost);
  }

  kj::Promise<void> changeStart(ChangeStartContext context) override {
    session_->requireLive();
    auto outcome = counted(services_.observer,
                           services_.vaults.changeStart(session_->account(), viewOf(context.getParams().getRequest())));
    std::visit(Overloaded{
                   [&](const RegistrationAnswer& answer) {
                     context.getResults().setResponse(dataOf(answer.response));
                     setCost(context.getResults().initCost(), answer.cost);
                   },
                   [&](TooOften often) { context.getResults().setRate(often.afterMs); },
                   [&](const Malformed& malformed) {
                     // The schema has no answer for it: a client that sends this has a fault.
                     kj::throwFatalException(KJ_EXCEPTION(FAILED, malformed.what.c_str()));
                   },
               },
               outcome);
    return kj::READY_NOW;
  }

  kj::Promise<void> replace(ReplaceContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto answer = co_await services_.vaults.replace(session_->account(), SecretBytes(viewOf(in.getRecord())),
                                                    cost(in.getCost()), bytesOf(in.getVault()));
    auto outcome = counted(services_.observer, available(std::move(answer)));
    auto out = context.getResults().initOutcome();
    std::visit(Overloaded{
                   [&](Accepted) { out.setAccepted(); },
                   [&](const OtherVault& other) {
                     Bytes stored = encode(other.stored);
                     out.setConflict(dataOf(stored));
                   },
                   [&](TooOften often) { out.setRate(often.afterMs); },
                   [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
               },
               outcome);
  }

 private:
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::Vault::Client makeVault(Services& services, kj::Own<Session> session) {
  return kj::heap<VaultServer>(services, kj::mv(session));
}

}  // namespace qpq::server::rpc
