#include "initial_flood.h"

#include <kj/debug.h>
#include <kj/io.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "samples.h"

namespace qpq::bench {

namespace {

constexpr std::size_t kAddresses = 512;
constexpr double kTurnUs = 1'000;

// Keeps what is sent into it; nothing ever arrives.
class Recorder final: public quic::UdpSocket {
 public:
  explicit Recorder(std::vector<Bytes>& into): into_(&into) {}
  void forget() { into_ = nullptr; }

  quic::SocketAddress localAddress() const override { return quic::SocketAddress::ipv4({127, 0, 0, 1}, 1); }
  Received receive(kj::FunctionParam<void(const quic::IncomingDatagram&)>) override { return Received::drained; }
  kj::Promise<void> whenReadable() override { return kj::NEVER_DONE; }
  kj::Promise<void> whenWritable() override { return kj::NEVER_DONE; }
  std::size_t send(std::span<const quic::OutgoingDatagrams> batch) override {
    for (const quic::OutgoingDatagrams& train : batch) {
      for (ByteView rest = train.payload; into_ != nullptr && !rest.empty();) {
        ByteView one = rest.first(std::min(train.segmentSize, rest.size()));
        into_->push_back(toBytes(one));
        rest = rest.subspan(one.size());
      }
    }
    return batch.size();
  }

 private:
  std::vector<Bytes>* into_;
};

struct Connecting {
  Recorder* recorder;
  kj::Own<quic::Endpoint> endpoint;
  kj::Promise<void> promise;
};

Connecting connectInto(std::vector<Bytes>& datagrams, ClientLoop& clients, const quic::SocketAddress& server) {
  auto socket = kj::heap<Recorder>(datagrams);
  Recorder* recorder = socket.get();
  auto endpoint = kj::heap<quic::Endpoint>(clients.timer, clients.random, kj::mv(socket));
  quic::PeerVerifier anyone = quic::Judged{[](const quic::KeyHash&) { return true; }};
  auto promise = endpoint->connect({server, "localhost", kj::mv(anyone)}).ignoreResult().eagerlyEvaluate(nullptr);
  return {recorder, kj::mv(endpoint), kj::mv(promise)};
}

// From 127.2.x.y, any port. What the server answers is not read.
kj::AutoCloseFd socketAt(std::size_t number) {
  int fd = 0;
  KJ_SYSCALL(fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  kj::AutoCloseFd owned(fd);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(0x7f020001U + static_cast<uint32_t>(number));
  KJ_SYSCALL(::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from)));
  return owned;
}

}  // namespace

InitialFlood::InitialFlood(ClientLoop& clients, const quic::SocketAddress& server, std::size_t connections)
    : server_(server) {
  // A few at a time: what has begun to connect takes memory until it is dropped.
  constexpr std::size_t kTogether = 100;
  for (std::size_t made = 0; made < connections; made += kTogether) {
    std::vector<Connecting> together;
    for (std::size_t i = 0; i < kTogether; ++i) together.push_back(connectInto(datagrams_, clients, server));
    clients.wait(clients.timer.afterDelay(5 * kj::MILLISECONDS));
    for (Connecting& one : together) one.recorder->forget();
  }
  KJ_REQUIRE(datagrams_.size() >= connections, "an Initial was not sent at once");
}

void InitialFlood::begin(uint64_t datagramsPerSecond) {
  thread_.emplace(
      [this, datagramsPerSecond](const AttackThread::Stopped& stopped) { flood(datagramsPerSecond, stopped); });
}

void InitialFlood::flood(uint64_t datagramsPerSecond, const AttackThread::Stopped& stopped) {
  std::vector<kj::AutoCloseFd> sockets;
  for (std::size_t i = 0; i < kAddresses; ++i) sockets.push_back(socketAt(i));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(server_.port);
  double begun = wallUs();
  for (std::size_t next = 0; !stopped;) {
    auto due = static_cast<uint64_t>((wallUs() - begun) / 1e6 * static_cast<double>(datagramsPerSecond));
    for (; sent_ < due && !stopped; ++next, ++sent_) {
      const Bytes& datagram = datagrams_[next % datagrams_.size()];
      // What finds the socket's buffer full is lost, as it would be on the way.
      (void)::sendto(sockets[next % sockets.size()].get(), datagram.data(), datagram.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    }
    std::this_thread::sleep_for(std::chrono::duration<double, std::micro>(kTurnUs));
  }
}

}  // namespace qpq::bench
