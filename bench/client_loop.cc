#include "client_loop.h"

#include <kj/debug.h>

#include "quic/kernel_socket.h"

namespace qpq::bench {

ClientLoop::ClientLoop(): loop_(port), waitScope_(loop_), timer(port) {
  // Without it a loop that always has something to do never looks at its sockets.
  waitScope_.setBusyPollInterval(64);
}

kj::Promise<kj::Own<quic::RpcClient>> ClientLoop::connect(const quic::SocketAddress& server, uint16_t host) {
  co_return co_await quic::RpcClient::start(co_await connectBare(server, host));
}

kj::Promise<kj::Own<quic::Connection>> ClientLoop::connectBare(const quic::SocketAddress& server, uint16_t host) {
  auto found = endpoints_.find(host);
  if (found == endpoints_.end()) {
    // All of 127.0.0.0/8 is this machine; the server listens in 127.0.
    auto from = quic::SocketAddress::ipv4({127, 1, static_cast<uint8_t>(host >> 8), static_cast<uint8_t>(host)}, 0);
    auto socket = kj::heap<quic::KernelSocket>(port, from, quic::KernelSocket::Role::client);
    found = endpoints_.emplace(host, kj::heap<quic::Endpoint>(timer, random, kj::mv(socket))).first;
  }
  quic::PeerVerifier anyone = quic::Judged{[](const quic::KeyHash&) { return true; }};
  auto connected = co_await found->second->connect({server, "localhost", kj::mv(anyone)});
  if (!connected) KJ_FAIL_REQUIRE("no connection", connected.error().reason.text().c_str());
  co_return kj::mv(*connected);
}

}  // namespace qpq::bench
