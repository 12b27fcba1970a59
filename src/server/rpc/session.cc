#include "server/rpc/capabilities.h"

namespace qpq::server::rpc {

namespace {

class SessionServer final: public schema::Session::Server {
 public:
  SessionServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> logs(LogsContext context) override {
    context.getResults().setLogs(makeLogs(services_, live()));
    return kj::READY_NOW;
  }
  kj::Promise<void> directory(DirectoryContext context) override {
    context.getResults().setDirectory(makeDirectory(services_, live()));
    return kj::READY_NOW;
  }
  kj::Promise<void> keyPackages(KeyPackagesContext context) override {
    context.getResults().setKeyPackages(makeKeyPackages(services_, live()));
    return kj::READY_NOW;
  }
  kj::Promise<void> vault(VaultContext context) override {
    context.getResults().setVault(makeVault(services_, live()));
    return kj::READY_NOW;
  }
  kj::Promise<void> devices(DevicesContext context) override {
    context.getResults().setDevices(makeDevices(services_, live()));
    return kj::READY_NOW;
  }
  kj::Promise<void> blobs(BlobsContext context) override {
    context.getResults().setBlobs(makeBlobs(services_, live()));
    return kj::READY_NOW;
  }

 private:
  kj::Own<Session> live() {
    session_->requireLive();
    return kj::addRef(*session_);
  }
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::Session::Client makeSession(Services& services, kj::Own<Session> session) {
  return kj::heap<SessionServer>(services, kj::mv(session));
}

}  // namespace qpq::server::rpc
