#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

class BlobsServer final: public schema::Blobs::Server {
 public:
  BlobsServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> put(PutContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto announced = uploadedOf(in.getHash(), in.getLength());
    if (!announced) {
      context.getResults().initOutcome().setMalformed(kBadHash);
      co_return;
    }
    auto answer = co_await services_.bulk.putBlob(kj::addRef(*session_), *announced);
    setUpload(context.getResults().initOutcome(), counted(services_.observer, available(std::move(answer))));
  }

  kj::Promise<void> get(GetContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto named = uploadedOf(in.getHash(), 0);
    if (!named) {
      context.getResults().initOutcome().setMalformed(kBadHash);
      co_return;
    }
    auto answer = co_await services_.bulk.getBlob(kj::addRef(*session_), named->hash, in.getOffset());
    setDownload(context.getResults().initOutcome(), counted(services_.observer, available(std::move(answer))));
  }

  kj::Promise<void> drop(DropContext context) override {
    session_->requireLive();
    auto named = uploadedOf(context.getParams().getHash(), 0);
    if (!named) {
      context.getResults().initOutcome().setMalformed(kBadHash);
      co_return;
    }
    auto dropped = available(co_await services_.bulk.dropBlob(session_->account(), named->hash));
    auto out = context.getResults().initOutcome();
    if (dropped == BlobDropped::yes) {
      out.setDropped();
    } else {
      out.setNotFound();
    }
  }

  kj::Promise<void> usage(UsageContext context) override {
    session_->requireLive();
    auto held = available(co_await services_.bulk.heldBy(session_->account()));
    auto out = context.getResults();
    out.setFiles(held.files);
    out.setBytes(held.bytes);
    out.setLimit(services_.bulk.blobBytesMax());
  }

 private:
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::Blobs::Client makeBlobs(Services& services, kj::Own<Session> session) {
  return kj::heap<BlobsServer>(services, kj::mv(session));
}

}  // namespace qpq::server::rpc
