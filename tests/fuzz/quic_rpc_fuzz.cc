// Bytes from a client on the control stream, into the RPC system behind its guard.
#include <kj/async-io.h>

#include "base/bytes.h"
#include "quic/rpc.h"
#include "quic/virtual_time.h"

namespace {

// Knows no method; every call is "unimplemented".
class Nothing final: public capnp::Capability::Server {
 public:
  DispatchCallResult dispatchCall(uint64_t interfaceId, uint16_t methodId,
                                  capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer>) override {
    return internalUnimplemented("Nothing", interfaceId, methodId);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace qpq::quic;
  VirtualTime time;
  kj::EventLoop loop(time);
  kj::WaitScope scope(loop);
  auto pipe = kj::newTwoWayPipe();
  RpcLimits limits;
  limits.openCallsMax = 16;
  RpcChannel server(kj::mv(pipe.ends[0]), capnp::Capability::Client(kj::heap<Nothing>()), limits);
  auto& client = *pipe.ends[1];
  // Somebody must read the answers, or the pipe holds them up.
  kj::byte buffer[4096];
  auto read = [&client, &buffer]() -> kj::Promise<void> {
    while (co_await client.tryRead(buffer, 1, sizeof buffer) > 0) {}
  };
  auto reading = read().eagerlyEvaluate([](kj::Exception&&) {});
  auto writing =
      client.write(data, size).then([&client]() { client.shutdownWrite(); }).eagerlyEvaluate([](kj::Exception&&) {});
  time.timer().afterDelay(1 * kj::SECONDS).wait(scope);
  return 0;
}
