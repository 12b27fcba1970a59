#include "quic/virtual_network.h"

#include <kj/debug.h>

#include <algorithm>

namespace qpq::quic {

VirtualNetwork::VirtualNetwork(kj::Timer& timer, Random& random)
    : timer_(timer), random_(random), alarm_(timer, [this]() { deliverDue(); }) {}
VirtualNetwork::~VirtualNetwork() noexcept(false) = default;

kj::Own<VirtualNetwork::Socket> VirtualNetwork::bind(SocketAddress address) {
  if (address.port == 0) address.port = nextPort_++;
  KJ_REQUIRE(!sockets_.contains(address), "address in use", address.text().c_str());
  return kj::heap<Socket>(*this, address);
}

VirtualNetwork::Traffic VirtualNetwork::sent(const SocketAddress& from, const SocketAddress& to) const {
  auto found = traffic_.find({from, to});
  return found == traffic_.end() ? Traffic{} : found->second;
}

VirtualNetwork::Traffic VirtualNetwork::sentBy(const SocketAddress& from) const {
  Traffic sum;
  for (const auto& [path, traffic] : traffic_) {
    if (path.first != from) continue;
    sum.datagrams += traffic.datagrams;
    sum.bytes += traffic.bytes;
  }
  return sum;
}

void VirtualNetwork::inject(const SocketAddress& from, const SocketAddress& to, ByteView payload) {
  carry(from, to, 0, payload);
}

bool VirtualNetwork::chance(uint32_t perMille) {
  if (perMille == 0) return false;
  auto bytes = random_.bytes<4>();
  uint32_t draw = 0;
  for (uint8_t byte : bytes) draw = draw << 8 | byte;
  return draw % 1000 < perMille;
}

void VirtualNetwork::carry(const SocketAddress& from, const SocketAddress& to, uint8_t ecn, ByteView payload) {
  auto& traffic = traffic_[{from, to}];
  ++traffic.datagrams;
  traffic.bytes += payload.size();
  KJ_IF_MAYBE (tap, tap_) {
    (*tap)(from, to, payload);
  }
  if (payload.size() > weather_.payloadMax || chance(weather_.lossPerMille)) return;
  Flight flight{from, to, ecn, toBytes(payload)};
  if (chance(weather_.duplicatePerMille)) schedule(flight);
  schedule(std::move(flight));
}

kj::Maybe<kj::TimePoint> VirtualNetwork::departure(const Flight& flight) {
  auto now = timer_.now();
  if (weather_.bytesPerSecond == 0) return now;
  auto& free = lineFree_.try_emplace({flight.from, flight.to}, now).first->second;
  free = std::max(free, now);
  if (free - now > weather_.queueMax) return nullptr;
  free = free + flight.payload.size() * (kj::SECONDS / weather_.bytesPerSecond);
  return free;
}

void VirtualNetwork::schedule(Flight flight) {
  kj::TimePoint arrival = timer_.now();
  KJ_IF_MAYBE (departs, departure(flight)) {
    arrival = *departs + weather_.delay;
  } else {
    return;
  }
  if (chance(weather_.reorderPerMille)) {
    arrival = arrival + weather_.reorderDelay * (1 + random_.bytes<1>()[0] % 16) / 16;
  }
  flying_.emplace(arrival, std::move(flight));
  alarm_.ringBy(arrival);
}

void VirtualNetwork::deliverDue() {
  while (!flying_.empty() && flying_.begin()->first <= timer_.now()) {
    Flight flight = std::move(flying_.begin()->second);
    flying_.erase(flying_.begin());
    auto receiver = sockets_.find(flight.to);
    if (receiver != sockets_.end()) receiver->second->arrived(std::move(flight));
  }
  if (!flying_.empty()) alarm_.ringBy(flying_.begin()->first);
}

VirtualNetwork::Socket::Socket(VirtualNetwork& network, SocketAddress address)
    : network_(network), inside_(address), outside_(address) {
  network_.sockets_.emplace(outside_, this);
}

VirtualNetwork::Socket::~Socket() noexcept(false) { network_.sockets_.erase(outside_); }

UdpSocket::Received VirtualNetwork::Socket::receive(kj::FunctionParam<void(const IncomingDatagram&)> sink) {
  constexpr std::size_t kBatch = 32;
  for (std::size_t i = 0; i < kBatch && !inbox_.empty(); ++i) {
    Flight flight = std::move(inbox_.front());
    inbox_.pop_front();
    sink({.local = inside_, .remote = flight.from, .ecn = flight.ecn, .payload = flight.payload});
  }
  return inbox_.empty() ? Received::drained : Received::more;
}

kj::Promise<void> VirtualNetwork::Socket::whenReadable() {
  if (!inbox_.empty()) return kj::READY_NOW;
  auto paf = kj::newPromiseAndFulfiller<void>();
  readable_ = kj::mv(paf.fulfiller);
  return kj::mv(paf.promise);
}

std::size_t VirtualNetwork::Socket::send(std::span<const OutgoingDatagrams> batch) {
  if (congested_) return 0;
  for (const auto& entry : batch) {
    for (std::size_t at = 0; at < entry.payload.size(); at += entry.segmentSize) {
      auto segment = entry.payload.subspan(at, std::min(entry.segmentSize, entry.payload.size() - at));
      if (!mute_) network_.carry(outside_, entry.remote, entry.ecn, segment);
    }
  }
  return batch.size();
}

kj::Promise<void> VirtualNetwork::Socket::whenWritable() {
  if (!congested_) return kj::READY_NOW;
  auto paf = kj::newPromiseAndFulfiller<void>();
  writable_ = kj::mv(paf.fulfiller);
  return kj::mv(paf.promise);
}

void VirtualNetwork::Socket::setCongested(bool congested) {
  congested_ = congested;
  if (congested) return;
  KJ_IF_MAYBE (fulfiller, writable_) {
    (*fulfiller)->fulfill();
  }
  writable_ = nullptr;
}

void VirtualNetwork::Socket::rebind() {
  network_.sockets_.erase(outside_);
  outside_.port = network_.nextPort_++;
  network_.sockets_.emplace(outside_, this);
}

void VirtualNetwork::Socket::arrived(Flight flight) {
  if (deaf_) return;
  inbox_.push_back(std::move(flight));
  KJ_IF_MAYBE (fulfiller, readable_) {
    (*fulfiller)->fulfill();
  }
  readable_ = nullptr;
}

}  // namespace qpq::quic
