#include "quic/kernel_socket.h"

#include <kj/debug.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace qpq::quic {
namespace {

constexpr std::size_t kReceiveBatch = 16;
constexpr std::size_t kReceiveSize = 65'536;  // what the kernel joins into one datagram (GRO) is never larger
constexpr std::size_t kSendBatch = 64;
constexpr int kSocketBuffer = 4 << 20;  // a burst at gigabit speed for one late turn of the loop

template <class T>
bool setOption(int fd, int level, int name, T value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

}  // namespace

kj::AutoCloseFd KernelSocket::open(const SocketAddress& bind, Role role, Sharing sharing) {
  bool v6 = bind.family == SocketAddress::Family::ipv6;
  int fd;
  KJ_SYSCALL(fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  kj::AutoCloseFd owned(fd);
  // Best effort: the kernel clamps the buffers, and without GRO or ECN everything works, only slower.
  setOption(fd, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  setOption(fd, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  setOption(fd, IPPROTO_UDP, UDP_GRO, 1);
  // A "::" socket also carries IPv4, as mapped addresses; the options of both levels apply to it.
  setOption(fd, IPPROTO_IP, IP_RECVTOS, 1);
  setOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (v6) {
    setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    setOption(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    setOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
  }
  if (sharing == Sharing::amongLoops) {
    KJ_REQUIRE(setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1), "the kernel lets no two sockets share a port");
  }
  if (role == Role::server && bind.isWildcard()) {
    bool told = v6 ? setOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : setOption(fd, IPPROTO_IP, IP_PKTINFO, 1);
    KJ_REQUIRE(told, "the kernel does not tell local addresses");
  }
  SystemAddress address(bind);
  KJ_SYSCALL(::bind(fd, address.get(), address.length()), bind.text().c_str());
  return owned;
}

SocketAddress KernelSocket::boundAddress(int fd) {
  SystemAddress address;
  socklen_t length = SystemAddress::capacity();
  KJ_SYSCALL(::getsockname(fd, address.get(), &length));
  auto value = SystemAddress::read(address.get(), length);
  KJ_ASSERT(value.has_value());
  return *value;
}

namespace {

// Room for the control messages of one datagram: packet info, ECN and segment size.
struct Control {
  alignas(cmsghdr) std::array<char, 128> bytes;
};

template <class T>
T readControl(const cmsghdr* message) {
  T value;
  std::memcpy(&value, CMSG_DATA(message), sizeof value);
  return value;
}

class ControlWriter {
 public:
  explicit ControlWriter(Control& control): control_(control) { control.bytes.fill(0); }

  template <class T>
  void add(int level, int type, const T& value) {
    auto* message = reinterpret_cast<cmsghdr*>(control_.bytes.data() + size_);
    message->cmsg_level = level;
    message->cmsg_type = type;
    message->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(message), &value, sizeof value);
    size_ += CMSG_SPACE(sizeof value);
  }
  std::size_t size() const { return size_; }

 private:
  Control& control_;
  std::size_t size_ = 0;
};

struct ArrivalFacts {
  std::size_t segmentSize = 0;
  uint8_t ecn = 0;
};

// What the kernel says beside the bytes. Fills `local` in where it says that too.
ArrivalFacts readControls(msghdr& header, SocketAddress& local) {
  ArrivalFacts facts;
  for (auto* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
    int level = message->cmsg_level;
    int type = message->cmsg_type;
    if (level == IPPROTO_UDP && type == UDP_GRO) {
      facts.segmentSize = static_cast<std::size_t>(readControl<int>(message));
    } else if (level == IPPROTO_IP && type == IP_TOS) {
      facts.ecn = readControl<uint8_t>(message) & 3;
    } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) {
      facts.ecn = static_cast<uint8_t>(readControl<int>(message) & 3);
    } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
      auto info = readControl<in_pktinfo>(message);
      std::memcpy(local.host.data(), &info.ipi_addr, 4);
    } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
      auto info = readControl<in6_pktinfo>(message);
      std::memcpy(local.host.data(), &info.ipi6_addr, 16);
    }
  }
  return facts;
}

bool isMapped(const SocketAddress& address) {
  static constexpr ByteArray<12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(kPrefix.begin(), kPrefix.end(), address.host.begin());
}

void writeSource(ControlWriter& controls, const SocketAddress& local) {
  if (local.family == SocketAddress::Family::ipv4) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, local.host.data(), 4);
    controls.add(IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, local.host.data(), 16);
    info.ipi6_ifindex = local.scope;
    controls.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

void writeEcn(ControlWriter& controls, const OutgoingDatagrams& datagrams) {
  bool onV6 = datagrams.remote.family == SocketAddress::Family::ipv6 && !isMapped(datagrams.remote);
  int mark = datagrams.ecn;
  if (onV6) {
    controls.add(IPPROTO_IPV6, IPV6_TCLASS, mark);
  } else {
    controls.add(IPPROTO_IP, IP_TOS, mark);
  }
}

bool wouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

}  // namespace

struct KernelSocket::ReceiveBatch {
  std::array<mmsghdr, kReceiveBatch> messages;
  std::array<iovec, kReceiveBatch> vectors;
  std::array<SystemAddress, kReceiveBatch> peers;
  std::array<Control, kReceiveBatch> controls;
  std::unique_ptr<uint8_t[]> memory{new uint8_t[kReceiveBatch * kReceiveSize]};  // untouched pages cost nothing

  uint8_t* buffer(std::size_t i) { return memory.get() + i * kReceiveSize; }
  void prepare() {
    for (std::size_t i = 0; i < kReceiveBatch; ++i) {
      vectors[i] = {buffer(i), kReceiveSize};
      messages[i] = {};
      auto& header = messages[i].msg_hdr;
      header.msg_name = peers[i].get();
      header.msg_namelen = SystemAddress::capacity();
      header.msg_iov = &vectors[i];
      header.msg_iovlen = 1;
      header.msg_control = controls[i].bytes.data();
      header.msg_controllen = controls[i].bytes.size();
    }
  }
};

struct KernelSocket::SendBatch {
  std::array<mmsghdr, kSendBatch> messages;
  std::array<iovec, kSendBatch> vectors;
  std::array<SystemAddress, kSendBatch> peers;
  std::array<Control, kSendBatch> controls;

  void prepare(std::size_t i, const OutgoingDatagrams& datagrams, bool tellsLocal) {
    vectors[i] = {const_cast<uint8_t*>(datagrams.payload.data()), datagrams.payload.size()};
    peers[i] = SystemAddress(datagrams.remote);
    ControlWriter written(controls[i]);
    if (tellsLocal && !datagrams.local.isWildcard()) writeSource(written, datagrams.local);
    if (datagrams.ecn != 0) writeEcn(written, datagrams);
    if (datagrams.payload.size() > datagrams.segmentSize) {
      written.add(SOL_UDP, UDP_SEGMENT, static_cast<uint16_t>(datagrams.segmentSize));
    }
    messages[i] = {};
    auto& header = messages[i].msg_hdr;
    header.msg_name = peers[i].get();
    header.msg_namelen = peers[i].length();
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = written.size() > 0 ? controls[i].bytes.data() : nullptr;
    header.msg_controllen = written.size();
  }
};

KernelSocket::KernelSocket(kj::UnixEventPort& port, const SocketAddress& bind, Role role)
    : KernelSocket(port, open(bind, role, Sharing::alone), role) {}
KernelSocket::KernelSocket(kj::UnixEventPort& port, kj::AutoCloseFd bound, Role role)
    : fd_(kj::mv(bound)),
      local_(boundAddress(fd_)),
      tellsLocal_(role == Role::server && local_.isWildcard()),
      observer_(port, fd_, kj::UnixEventPort::FdObserver::OBSERVE_READ_WRITE),
      received_(std::make_unique<ReceiveBatch>()),
      sending_(std::make_unique<SendBatch>()) {}

KernelSocket::~KernelSocket() noexcept(false) = default;

UdpSocket::Received KernelSocket::receive(kj::FunctionParam<void(const IncomingDatagram&)> sink) {
  received_->prepare();
  int count = ::recvmmsg(fd_, received_->messages.data(), kReceiveBatch, 0, nullptr);
  if (count < 0) {
    // Anything but an empty queue is an ICMP error of some earlier datagram: read on.
    return errno == EAGAIN || errno == EWOULDBLOCK ? Received::drained : Received::more;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    auto& header = received_->messages[i].msg_hdr;
    auto remote = SystemAddress::read(received_->peers[i].get(), header.msg_namelen);
    if (!remote || (header.msg_flags & MSG_TRUNC) != 0) continue;
    SocketAddress local = local_;
    ArrivalFacts facts = readControls(header, local);
    ByteView all(received_->buffer(i), received_->messages[i].msg_len);
    std::size_t step = facts.segmentSize > 0 ? facts.segmentSize : std::max<std::size_t>(all.size(), 1);
    for (std::size_t at = 0; at < all.size(); at += step) {
      auto payload = all.subspan(at, std::min(step, all.size() - at));
      sink({.local = local, .remote = *remote, .ecn = facts.ecn, .payload = payload});
    }
  }
  return static_cast<std::size_t>(count) == kReceiveBatch ? Received::more : Received::drained;
}

std::size_t KernelSocket::send(std::span<const OutgoingDatagrams> batch) {
  std::size_t taken = 0;
  while (taken < batch.size()) {
    if (!segments_) {
      if (!sendOne(*sending_, batch[taken])) return taken;
      ++taken;
      continue;
    }
    std::size_t count = std::min(batch.size() - taken, kSendBatch);
    for (std::size_t i = 0; i < count; ++i) sending_->prepare(i, batch[taken + i], tellsLocal_);
    int sent = ::sendmmsg(fd_, sending_->messages.data(), static_cast<unsigned>(count), 0);
    if (sent >= 0) {
      taken += static_cast<std::size_t>(sent);
      continue;
    }
    if (wouldBlock(errno)) return taken;
    bool segmented = batch[taken].payload.size() > batch[taken].segmentSize;
    if (segmented && (errno == EIO || errno == EINVAL || errno == EOPNOTSUPP)) {
      segments_ = false;  // a device without checksum offload says EIO, an old kernel EINVAL
      continue;
    }
    ++taken;  // EMSGSIZE for a probe of the path, ENETUNREACH, EPERM of a firewall: lost on the way
  }
  return taken;
}

// Without segmentation offload. False if the queue is full; what has gone out by then is sent twice, which QUIC takes
// for duplicates.
bool KernelSocket::sendOne(SendBatch& batch, const OutgoingDatagrams& datagrams) {
  for (std::size_t at = 0; at < datagrams.payload.size(); at += datagrams.segmentSize) {
    OutgoingDatagrams one = datagrams;
    one.payload = datagrams.payload.subspan(at, std::min(datagrams.segmentSize, datagrams.payload.size() - at));
    batch.prepare(0, one, tellsLocal_);
    if (::sendmsg(fd_, &batch.messages[0].msg_hdr, 0) < 0 && wouldBlock(errno)) return false;
  }
  return true;
}

}  // namespace qpq::quic
