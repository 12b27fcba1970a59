#include "server/rpc/node.h"

#include <algorithm>

#include "server/limits.h"
#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server {

namespace {

using namespace rpc;

schema::InviteRefusal wordOf(InviteNeeded) { return schema::InviteRefusal::NEEDED; }
schema::InviteRefusal wordOf(InviteUnknown) { return schema::InviteRefusal::UNKNOWN; }
schema::InviteRefusal wordOf(InviteSpent) { return schema::InviteRefusal::SPENT; }
schema::InviteRefusal wordOf(InviteExpired) { return schema::InviteRefusal::EXPIRED; }

// Of the code in a call, which may be absent.
std::expected<InviteHash, Malformed> inviteOf(capnp::Data::Reader code) {
  if (code.size() == 0) return std::nullopt;
  auto invite = wire::InviteCode::fromBytes(viewOf(code));
  if (!invite) return std::unexpected(Malformed{"invite: 20 bytes"});
  return invite->hash();
}

void setOutcome(schema::RegisterStart::Builder out, const RegisterStartOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const RegistrationAnswer& answer) {
                   out.setResponse(dataOf(answer.response));
                   setCost(out.initCost(), answer.cost);
                 },
                 [&](NameTaken) { out.setNameTaken(); },
                 [&](AccountTaken) { out.setAccountTaken(); },
                 [&](const BadName& bad) { out.setBadName(text(bad.rule)); },
                 [&](Closed) { out.setClosed(); },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
                 [&](auto refusal) { out.setInvite(wordOf(refusal)); },
             },
             outcome);
}

void setOutcome(schema::RegisterFinish::Builder out, const RegisterFinishOutcome& outcome) {
  std::visit(Overloaded{
                 [&](Registered) { out.setRegistered(); },
                 [&](NameTaken) { out.setNameTaken(); },
                 [&](AccountTaken) { out.setAccountTaken(); },
                 [&](Closed) { out.setClosed(); },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
                 [&](auto refusal) { out.setInvite(wordOf(refusal)); },
             },
             outcome);
}

RegistrationRequest requestOf(schema::Registration::Reader in) {
  return {.name = stringOf(in.getName()),
          .account = bytesOf(in.getAccount()),
          .record = SecretBytes(viewOf(in.getRecord())),
          .cost = cost(in.getCost()),
          .vault = bytesOf(in.getVault()),
          .deviceList = bytesOf(in.getDeviceList()),
          .certificate = bytesOf(in.getCertificate())};
}

ResumeEnd endOf(const ResumeOutcome& outcome) {
  if (std::holds_alternative<Denied>(outcome)) return ResumeEnd::denied;
  return std::holds_alternative<RevokedDevice>(outcome) ? ResumeEnd::revoked : ResumeEnd::resumed;
}

class NodeServer final: public schema::Node::Server {
 public:
  NodeServer(Services& services, const PeerInfo& peer): services_(services), peer_(peer) {}

  kj::Promise<void> serverInfo(ServerInfoContext context) override {
    Bytes info = encode(peer_.info ? *peer_.info : services_.info);
    context.getResults().setInfo(dataOf(info));
    return kj::READY_NOW;
  }

  kj::Promise<void> ping(PingContext context) override {
    auto payload = context.getParams().getPayload();
    context.getResults().setPayload(payload.slice(0, std::min<std::size_t>(payload.size(), kPingSizeMax)));
    return kj::READY_NOW;
  }

  kj::Promise<void> registerStart(RegisterStartContext context) override {
    auto in = context.getParams();
    auto invite = inviteOf(in.getInvite());
    if (!invite) {
      context.getResults().initOutcome().setMalformed(text(invite.error().what));
      co_return;
    }
    auto answer = co_await services_.auth.registerStart(peer_.address, stringOf(in.getName()), bytesOf(in.getAccount()),
                                                        bytesOf(in.getRequest()), *invite);
    auto outcome = counted(observer(), available(std::move(answer)));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> registerFinish(RegisterFinishContext context) override {
    auto in = context.getParams().getRegistration();
    auto invite = inviteOf(in.getInvite());
    if (!invite) {
      context.getResults().initOutcome().setMalformed(text(invite.error().what));
      co_return;
    }
    auto answer = co_await services_.auth.registerFinish(peer_.address, requestOf(in), *invite);
    auto outcome = counted(observer(), available(std::move(answer)));
    if (std::holds_alternative<Registered>(outcome)) observer().registered();
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> loginStart(LoginStartContext context) override {
    auto in = context.getParams();
    auto begun = services_.timer.now();
    auto answer = co_await services_.auth.loginStart(peer_.address, stringOf(in.getName()), bytesOf(in.getKe1()));
    auto outcome = counted(observer(), available(std::move(answer)));
    auto refused = [&](LoginEnd end) { observer().loginEnded(end, services_.timer.now() - begun); };
    auto out = context.getResults().initOutcome();
    std::visit(Overloaded{
                   [&](Challenge& challenge) {
                     auto group = out.initChallenge();
                     group.setKe2(dataOf(challenge.ke2));
                     setCost(group.initCost(), challenge.cost);
                     group.setLogin(makeLogin(services_, std::move(challenge.login), begun));
                   },
                   [&](TooOften& often) {
                     refused(LoginEnd::limited);
                     out.setRate(often.afterMs);
                   },
                   [&](Malformed& malformed) {
                     refused(LoginEnd::malformed);
                     out.setMalformed(text(malformed.what));
                   },
               },
               outcome);
  }

  kj::Promise<void> resume(ResumeContext context) override {
    auto in = context.getParams();
    auto account = idOf<AccountId>(in.getAccount());
    auto device = idOf<DeviceId>(in.getDevice());
    auto signature = idOf<wire::Signature>(in.getSignature());
    if (!account || !device || !signature) {
      context.getResults().initOutcome().setDenied();
      co_return;
    }
    // Opened first: a revocation that lands while the signature is checked ends it, too.
    auto session = services_.sessions.open({*account, *device}, peer_.exporter);
    auto outcome = available(co_await services_.auth.resume({session->device(), peer_.exporter, *signature}));
    observer().resumeEnded(endOf(outcome));
    auto out = context.getResults().initOutcome();
    std::visit(Overloaded{
                   [&](const wire::RosterEntry&) {
                     peer_.signedIn();
                     out.setSession(makeSession(services_, kj::mv(session)));
                   },
                   [&](Denied) { out.setDenied(); },
                   [&](const RevokedDevice& revoked) {
                     Bytes list = encode(revoked.list);
                     out.setRevoked(dataOf(list));
                   },
               },
               outcome);
  }

 private:
  Observer& observer() { return services_.observer; }

  Services& services_;
  const PeerInfo peer_;
};

}  // namespace

schema::Node::Client makeNode(Services& services, const PeerInfo& peer) { return kj::heap<NodeServer>(services, peer); }

}  // namespace qpq::server
