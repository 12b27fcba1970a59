#include "server/loops.h"

namespace qpq::server {

Loops::Loops(kj::UnixEventPort& port, const ServerWide& wide, std::vector<kj::AutoCloseFd> sockets,
             std::vector<std::unique_ptr<store::Connection>> readers)
    : first_(port, wide, exchange_, {0, static_cast<uint8_t>(sockets.size())}, kj::mv(sockets.front()),
             std::move(readers.front())) {
  auto count = static_cast<uint8_t>(sockets.size());
  for (uint8_t i = 1; i < count; ++i) {
    others_.push_back(std::make_unique<LoopThread>(wide, exchange_, quic::LoopPlace{i, count}, kj::mv(sockets[i]),
                                                   std::move(readers[i])));
  }
}

kj::Promise<LoopFigures> Loops::figures() {
  LoopFigures sum = first_.figures();
  for (auto& other : others_) sum += co_await other->figures();
  co_return sum;
}

kj::Promise<void> Loops::renew(quic::TlsIdentity identity) {
  first_.renew(identity);
  for (auto& other : others_) co_await other->renew(identity);
}

kj::Promise<void> Loops::shutDown() {
  auto closing = kj::heapArrayBuilder<kj::Promise<void>>(1 + others_.size());
  closing.add(first_.shutDown());
  for (auto& other : others_) closing.add(other->shutDown());
  return kj::joinPromises(closing.finish());
}

}  // namespace qpq::server
