#pragma once

#include <kj/async-unix.h>

#include <array>
#include <memory>

#include "quic/udp_socket.h"

namespace qpq::quic {

// A UDP socket of the kernel: batches of datagrams per system call, segmentation offload where the kernel has it
// (without it a bulk sender is three times slower), ECN marks, the don't-fragment bit (path MTU discovery needs it).
// Throws a kj::Exception if the address cannot be bound.
class KernelSocket final: public UdpSocket {
 public:
  enum class Role {
    // The local address of every datagram is told and obeyed, so a wildcard socket answers from the address it was
    // reached at.
    server,
    // The kernel chooses the source address anew for each datagram, so the socket survives a change of network;
    // localAddress() stands for all of them.
    client,
  };
  KernelSocket(kj::UnixEventPort& port, const SocketAddress& bind, Role role);
  KernelSocket(kj::UnixEventPort& port, kj::AutoCloseFd bound, Role role);  // opened before, on any thread

  enum class Sharing { alone, amongLoops };  // the latter: with all sockets of this user that are opened so
  static kj::AutoCloseFd open(const SocketAddress& bind, Role role, Sharing sharing);
  static SocketAddress boundAddress(int fd);

  ~KernelSocket() noexcept(false) override;

  SocketAddress localAddress() const override { return local_; }
  Received receive(kj::FunctionParam<void(const IncomingDatagram&)> sink) override;
  kj::Promise<void> whenReadable() override { return observer_.whenBecomesReadable(); }
  std::size_t send(std::span<const OutgoingDatagrams> batch) override;
  kj::Promise<void> whenWritable() override { return observer_.whenBecomesWritable(); }

  int fd() const { return fd_; }  // for options that belong to a program, such as steering between loops

 private:
  struct ReceiveBatch;
  struct SendBatch;
  bool sendOne(SendBatch& batch, const OutgoingDatagrams& datagrams);

  kj::AutoCloseFd fd_;
  SocketAddress local_;
  bool tellsLocal_;
  bool segments_ = true;  // until the kernel or the device refuses
  kj::UnixEventPort::FdObserver observer_;
  std::unique_ptr<ReceiveBatch> received_;
  std::unique_ptr<SendBatch> sending_;
};

}  // namespace qpq::quic
