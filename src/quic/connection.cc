#include "quic/connection.h"

#include "quic/association.h"

namespace qpq::quic {

Connection::Connection(kj::Own<Association> association): association_(kj::mv(association)) {}
Connection::~Connection() noexcept(false) { association_->close(0); }

SocketAddress Connection::peerAddress() const { return association_->remote(); }
const std::optional<KeyHash>& Connection::peerKey() const { return association_->peerKey(); }
const ByteArray<32>& Connection::exporter() const { return association_->exporter(); }
const std::shared_ptr<bool>& Connection::known() const { return association_->known(); }
std::size_t Connection::retainedBytes() const { return association_->retainedBytes(); }

kj::Promise<kj::Own<Stream>> Connection::openStream() { return association_->openStream(); }
kj::Promise<kj::Own<Stream>> Connection::acceptStream() { return association_->acceptStream(); }
void Connection::close(uint64_t code) { association_->close(code); }
kj::Promise<CloseReason> Connection::whenClosed() { return association_->whenEnded(); }
const std::optional<CloseReason>& Connection::closeReason() const { return association_->endReason(); }

}  // namespace qpq::quic
