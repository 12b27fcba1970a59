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
    auto outcome = services_.vaults.changeStart(session_->account(), viewOf(context.getParams().getRequest()));
    if (const auto* malformed = std::get_if<Malformed>(&outcome)) {
      // The schema has no answer for it: a client that sends this has a fault.
      kj::throwFatalException(KJ_EXCEPTION(FAILED, malformed->what.c_str()));
    }
    const auto& answer = std::get<RegistrationAnswer>(outcome);
    context.getResults().setResponse(dataOf(answer.response));
    setCost(context.getResults().initCost(), answer.cost);
    return kj::READY_NOW;
  }

  kj::Promise<void> replace(ReplaceContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto outcome = available(co_await services_.vaults.replace(session_->account(), SecretBytes(viewOf(in.getRecord())),
                                                               cost(in.getCost()), bytesOf(in.getVault())));
    auto out = context.getResults().initOutcome();
    std::visit(Overloaded{
                   [&](Accepted) { out.setAccepted(); },
                   [&](const OtherVault& other) {
                     Bytes stored = encode(other.stored);
                     out.setConflict(dataOf(stored));
                   },
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
