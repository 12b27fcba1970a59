#include "quic/shared_port.h"

#include <kj/debug.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include "quic/kernel_socket.h"

namespace qpq::quic {

namespace {

// Offsets are into the UDP payload. RFC 8999 §5.1: behind the first byte of a long header stand version and length of
// the destination connection id, then the id; §5.2: behind that of a short header the id at once.
void steerByConnectionId(int fd, uint8_t count) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 0, 2),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6), BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  sock_fprog filter{.len = std::size(program), .filter = program};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter) != 0) {
    KJ_LOG(INFO, "the kernel does not steer datagrams by connection id; the loops hand them over");
  }
}

}  // namespace

std::vector<kj::AutoCloseFd> bindSharedPort(const SocketAddress& address, uint8_t count, Steering steering) {
  using Sharing = KernelSocket::Sharing;
  if (count == 1) {
    std::vector<kj::AutoCloseFd> only;
    only.push_back(KernelSocket::open(address, KernelSocket::Role::server, KernelSocket::Sharing::alone));
    return only;
  }
  // Alone first: that fails where anybody else has the port, sharing or not.
  SocketAddress bound =
      KernelSocket::boundAddress(KernelSocket::open(address, KernelSocket::Role::server, Sharing::alone));
  std::vector<kj::AutoCloseFd> sockets;
  for (uint8_t i = 0; i < count; ++i) {
    sockets.push_back(KernelSocket::open(bound, KernelSocket::Role::server, Sharing::amongLoops));
  }
  if (steering == Steering::byConnectionId) steerByConnectionId(sockets.front(), count);
  return sockets;
}

}  // namespace qpq::quic
