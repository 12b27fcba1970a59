#pragma once

#include <ngtcp2/ngtcp2.h>

#include <optional>

#include "quic/address.h"
#include "quic/connection_id.h"
#include "quic/surroundings.h"

namespace qpq::quic {

// What is known of a connection before its first packet.
struct Origin {
  SocketAddress local;
  SocketAddress remote;
  // A server's, from the client's Initial, and from its Retry token if it bore one.
  ConnectionId clientSource{};
  ConnectionId clientDestination{};
  std::optional<ConnectionId> beforeRetry{};
  ByteView token{};  // borrowed
  uint32_t version = NGTCP2_PROTO_VER_V1;
};

// How ngtcp2 is to behave, and what we declare to the peer (RFC 9000 §18.2).
ngtcp2_settings transportSettings(const Surroundings& surroundings, const Origin& origin);
ngtcp2_transport_params clientParameters(const Limits& limits);
ngtcp2_transport_params serverParameters(const Surroundings& surroundings, const Origin& origin,
                                         const ConnectionId& own);

// A path as ngtcp2 takes it: pointers, to addresses this object owns.
class BorrowedPath {
 public:
  BorrowedPath(const SocketAddress& local, const SocketAddress& remote): local_(local), remote_(remote) {
    path_ = {
        .local = {local_.get(), local_.length()}, .remote = {remote_.get(), remote_.length()}, .user_data = nullptr};
  }
  BorrowedPath(const BorrowedPath&) = delete;
  BorrowedPath& operator=(const BorrowedPath&) = delete;
  const ngtcp2_path* get() const { return &path_; }

 private:
  SystemAddress local_;
  SystemAddress remote_;
  ngtcp2_path path_;
};

}  // namespace qpq::quic
