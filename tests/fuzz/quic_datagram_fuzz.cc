// Datagrams from anybody into a server's port. The input is a list of {u16 size, u8 sender, bytes}. Checked besides
// "no crash": nobody is answered with more than three times what he sent, and all is forgotten in the end.
#include <kj/debug.h>

#include "quic/endpoint.h"
#include "quic/self_signed.h"
#include "quic/virtual_network.h"
#include "quic/virtual_time.h"
#include "support/seeded_random.h"

namespace {

using namespace qpq;
using namespace qpq::quic;

const TlsIdentity& identity() {
  static const TlsIdentity made = [] {
    test::SeededRandom random(1);
    auto files = makeSelfSigned(random, Instant{1'790'000'000'000});
    return TlsIdentity::load(files.certificatePem, files.keyPem.expose()).value();
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  test::SeededRandom random(1);
  VirtualTime time;
  kj::EventLoop loop(time);
  kj::WaitScope scope(loop);
  VirtualNetwork network(time.timer(), random);
  auto address = SocketAddress::ipv4({10, 0, 0, 1}, 7000);
  Endpoint server(time.timer(), random, network.bind(address));
  server.listen(identity(), [](kj::Own<Connection>) {});

  auto sender = [](uint8_t n) { return SocketAddress::ipv4({10, 0, 1, n}, 5000); };
  uint64_t sent[256] = {};
  ByteView rest(data, size);
  while (rest.size() > 3) {
    std::size_t wanted = static_cast<std::size_t>(rest[0]) << 8 | rest[1];
    uint8_t from = rest[2];
    rest = rest.subspan(3);
    auto payload = rest.first(std::min(wanted, rest.size()));
    rest = rest.subspan(payload.size());
    network.inject(sender(from), address, payload);
    sent[from] += payload.size();
    time.timer().afterDelay(15 * kj::MILLISECONDS).wait(scope);
  }
  time.timer().afterDelay(60 * kj::SECONDS).wait(scope);
  for (unsigned n = 0; n < 256; ++n) {
    auto answered = network.sent(address, sender(static_cast<uint8_t>(n))).bytes;
    KJ_ASSERT(answered <= kAmplificationMax * sent[n], answered, sent[n]);
  }
  KJ_ASSERT(server.counters().connections == 0);
  KJ_ASSERT(server.counters().routes == 0);
  return 0;
}
