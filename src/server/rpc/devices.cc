#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class DevicesServer final: public schema::Devices::Server {
 public:
  DevicesServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> list(ListContext context) override {
    session_->requireLive();
    Bytes list = encode(available(co_await services_.devices.list(session_->account())));
    context.getResults().setList(dataOf(list));
  }

  kj::Promise<void> update(UpdateContext context) override {
    session_->requireLive();
    auto outcome =
        available(co_await services_.devices.update(session_->account(), bytesOf(context.getParams().getList())));
    setListUpdate(context.getResults().initOutcome(), outcome);
  }

 private:
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::Devices::Client makeDevices(Services& services, kj::Own<Session> session) {
  return kj::heap<DevicesServer>(services, kj::mv(session));
}

void setListUpdate(schema::ListUpdate::Builder out, const ListOutcome& outcome) {
  std::visit(Overloaded{
                 [&](Accepted) { out.setAccepted(); },
                 [&](const OtherList& other) {
                   Bytes newest = encode(other.newest);
                   out.setConflict(dataOf(newest));
                 },
                 [&](TooManyDevices many) { out.setLimit(many.limit); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
             },
             outcome);
}

}  // namespace qpq::server::rpc
