#include "quic/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace qpq::quic {

SocketAddress SocketAddress::ipv4(ByteArray<4> host, uint16_t port) {
  SocketAddress address{.family = Family::ipv4, .port = port};
  std::ranges::copy(host, address.host.begin());
  return address;
}

SocketAddress SocketAddress::ipv6(ByteArray<16> host, uint16_t port) {
  return {.family = Family::ipv6, .host = host, .port = port};
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto digits = text.substr(colon + 1);
  uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;

  std::string host(text.substr(0, colon));
  SocketAddress address{.port = port};
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (auto percent = host.find('%'); percent != std::string::npos) {
      address.scope = if_nametoindex(host.c_str() + percent + 1);
      if (address.scope == 0) return std::nullopt;
      host.resize(percent);
    }
    address.family = Family::ipv6;
    if (inet_pton(AF_INET6, host.c_str(), address.host.data()) != 1) return std::nullopt;
    return address;
  }
  if (inet_pton(AF_INET, host.c_str(), address.host.data()) != 1) return std::nullopt;
  return address;
}

bool SocketAddress::isWildcard() const {
  return std::ranges::all_of(host, [](uint8_t byte) { return byte == 0; });
}

SocketAddress SocketAddress::withPort(uint16_t other) const {
  SocketAddress changed = *this;
  changed.port = other;
  return changed;
}

SocketAddress SocketAddress::block() const {
  SocketAddress block = withPort(0);
  if (family == Family::ipv6) std::fill(block.host.begin() + 8, block.host.end(), uint8_t{0});
  return block;
}

std::string SocketAddress::text() const {
  char host_text[INET6_ADDRSTRLEN] = {};
  inet_ntop(family == Family::ipv4 ? AF_INET : AF_INET6, host.data(), host_text, sizeof host_text);
  std::string number = std::to_string(port);
  if (family == Family::ipv4) return std::string(host_text) + ":" + number;
  char name[IF_NAMESIZE] = {};
  std::string zone;
  if (scope != 0 && if_indextoname(scope, name) != nullptr) zone = std::string("%") + name;
  return "[" + std::string(host_text) + zone + "]:" + number;
}

SystemAddress::SystemAddress(const SocketAddress& address): storage_{} {
  if (address.family == SocketAddress::Family::ipv4) {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_port = htons(address.port);
    std::memcpy(&raw.sin_addr, address.host.data(), 4);
    std::memcpy(&storage_, &raw, sizeof raw);
    length_ = sizeof raw;
    return;
  }
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  raw.sin6_port = htons(address.port);
  raw.sin6_scope_id = address.scope;
  std::memcpy(&raw.sin6_addr, address.host.data(), 16);
  std::memcpy(&storage_, &raw, sizeof raw);
  length_ = sizeof raw;
}

std::optional<SocketAddress> SystemAddress::read(const sockaddr* address, socklen_t length) {
  SocketAddress value;
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in raw;
    std::memcpy(&raw, address, sizeof raw);
    value.port = ntohs(raw.sin_port);
    std::memcpy(value.host.data(), &raw.sin_addr, 4);
    return value;
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 raw;
    std::memcpy(&raw, address, sizeof raw);
    value.family = SocketAddress::Family::ipv6;
    value.port = ntohs(raw.sin6_port);
    value.scope = raw.sin6_scope_id;
    std::memcpy(value.host.data(), &raw.sin6_addr, 16);
    return value;
  }
  return std::nullopt;
}

}  // namespace qpq::quic
