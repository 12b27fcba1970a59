#pragma once

#include <sys/socket.h>

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace qpq::quic {

// An IP address and UDP port. A value: compares by what it means, prints as 192.0.2.1:7000 or [2001:db8::1]:7000.
struct SocketAddress {
  enum class Family : uint8_t { ipv4, ipv6 };

  Family family = Family::ipv4;
  ByteArray<16> host{};  // network order; IPv4 uses the first four bytes, the rest is zero
  uint16_t port = 0;
  uint32_t scope = 0;  // the interface of a link-local IPv6 address

  auto operator<=>(const SocketAddress&) const = default;

  static SocketAddress ipv4(ByteArray<4> host, uint16_t port);
  static SocketAddress ipv6(ByteArray<16> host, uint16_t port);
  static SocketAddress loopback(uint16_t port = 0) { return ipv4({127, 0, 0, 1}, port); }
  // Numbers only, no names: "127.0.0.1:7000", "[::1]:7000". Nothing if the text is anything else.
  static std::optional<SocketAddress> parse(std::string_view text);

  bool isWildcard() const;
  SocketAddress withPort(uint16_t other) const;
  // What limits count by: the IPv4 address, or the /64 of an IPv6 one. The port is gone.
  SocketAddress block() const;
  std::string text() const;
};

// The same as the system's calls and ngtcp2 want it.
class SystemAddress {
 public:
  SystemAddress(): storage_{} {}
  explicit SystemAddress(const SocketAddress& address);
  static std::optional<SocketAddress> read(const sockaddr* address, socklen_t length);  // nothing if it is not IP

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  // For a call that fills the address in.
  static constexpr socklen_t capacity() { return sizeof(sockaddr_storage); }

 private:
  sockaddr_storage storage_;
  socklen_t length_ = 0;
};

}  // namespace qpq::quic
