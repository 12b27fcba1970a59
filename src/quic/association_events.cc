// What ngtcp2 tells a connection. Each function only notes and forwards (see association.h); none may throw, for there
// is C below it.
#include <kj/debug.h>

#include <algorithm>

#include "quic/association.h"

namespace qpq::quic {
namespace {

kj::Exception resetBy(uint64_t code) {
  return {kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__,
          kj::str("quic: stream reset by the peer, code ", code)};
}

StreamState* streamOf(void* data) { return static_cast<StreamState*>(data); }

}  // namespace

struct AssociationEvents {
  static Association& self(void* data) { return *static_cast<Association*>(data); }

  // RFC 8446 §6.2: unexpected_message. There is no client message after the handshake in QUIC (RFC 9001 §4.4, §6).
  static int cryptoData(ngtcp2_conn* connection, ngtcp2_encryption_level level, uint64_t offset, const uint8_t* bytes,
                        size_t size, void* data) noexcept {
    constexpr uint8_t kUnexpectedMessage = 10;
    if (!self(data).tls_->finished()) {
      return ngtcp2_crypto_recv_crypto_data_cb(connection, level, offset, bytes, size, data);
    }
    ngtcp2_conn_set_tls_alert(connection, kUnexpectedMessage);
    return NGTCP2_ERR_CRYPTO;
  }

  static int handshakeCompleted(ngtcp2_conn*, void* data) noexcept {
    Association& association = self(data);
    association.handshaken_ = true;
    association.peerKey_ = association.tls_->peerKey();
    association.exporter_ = association.tls_->exporter();
    if (association.place_) association.place_->handshakeDone();
    for (auto& waiter : association.handshakeWaiters_) waiter->fulfill(Association::Handshaken());
    association.handshakeWaiters_.clear();
    return 0;
  }

  static int streamOpen(ngtcp2_conn* connection, int64_t id, void* data) noexcept {
    self(data).streams_.peerOpened(connection, id);
    return 0;
  }

  static int streamData(ngtcp2_conn*, uint32_t flags, int64_t, uint64_t, const uint8_t* bytes, size_t size, void*,
                        void* stream) noexcept {
    if (stream == nullptr) return 0;
    auto last = (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0 ? StreamState::Last::yes : StreamState::Last::no;
    streamOf(stream)->arrived({bytes, size}, last);
    return 0;
  }

  static int acknowledged(ngtcp2_conn*, int64_t, uint64_t offset, uint64_t size, void*, void* stream) noexcept {
    if (stream != nullptr) streamOf(stream)->acknowledged(offset + size);
    return 0;
  }

  static int streamReset(ngtcp2_conn*, int64_t, uint64_t, uint64_t code, void*, void* stream) noexcept {
    if (stream != nullptr) streamOf(stream)->readingFailed(resetBy(code));
    return 0;
  }

  static int streamClose(ngtcp2_conn* connection, uint32_t, int64_t id, uint64_t code, void* data, void*) noexcept {
    self(data).streams_.closed(id, resetBy(code));
    // Otherwise the peer runs out of streams after the first streamsMax.
    if (ngtcp2_conn_is_local_stream(connection, id) == 0) ngtcp2_conn_extend_max_streams_bidi(connection, 1);
    return 0;
  }

  static int newConnectionId(ngtcp2_conn*, ngtcp2_cid* id, ngtcp2_stateless_reset_token* token, size_t,
                             void* data) noexcept {
    Association& association = self(data);
    auto fresh = ConnectionId::random(association.surroundings_.random, association.surroundings_.place);
    *id = fresh.raw();
    auto secret = association.surroundings_.secrets.statelessReset.expose();
    if (ngtcp2_crypto_generate_stateless_reset_token(token->data, secret.data(), secret.size(), id) != 0) {
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    association.addRoute(fresh);
    return 0;
  }

  static int removeConnectionId(ngtcp2_conn*, const ngtcp2_cid* raw, void* data) noexcept {
    Association& association = self(data);
    ConnectionId id(*raw);
    association.surroundings_.routes.remove(id, association);
    std::erase(association.routes_, id);
    return 0;
  }

  static int peerConnectionId(ngtcp2_conn*, ngtcp2_connection_id_status_type status, uint64_t, const ngtcp2_cid*,
                              const ngtcp2_stateless_reset_token* raw, void* data) noexcept {
    if (raw == nullptr) return 0;
    Association& association = self(data);
    RoutingTable::ResetToken token;
    std::copy_n(raw->data, token.size(), token.begin());
    if (status == NGTCP2_CONNECTION_ID_STATUS_TYPE_ACTIVATE) {
      association.surroundings_.routes.addReset(token, association);
      association.resetRoutes_.insert(token);
    } else {
      association.surroundings_.routes.removeReset(token, association);
      association.resetRoutes_.erase(token);
    }
    return 0;
  }

  static int statelessReset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset2*, void* data) noexcept {
    self(data).statelessReset_ = true;
    return 0;
  }

  static void random(uint8_t* out, size_t size, const ngtcp2_rand_ctx* context) noexcept {
    static_cast<Random*>(context->native_handle)->fill({out, size});
  }

  static ngtcp2_callbacks forServer() {
    ngtcp2_callbacks calls = forBoth();
    calls.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    return calls;
  }

  static ngtcp2_callbacks forClient() {
    ngtcp2_callbacks calls = forBoth();
    calls.client_initial = ngtcp2_crypto_client_initial_cb;
    calls.recv_retry = ngtcp2_crypto_recv_retry_cb;
    return calls;
  }

  static ngtcp2_callbacks forBoth() {
    ngtcp2_callbacks calls{};
    calls.recv_crypto_data = cryptoData;
    calls.encrypt = ngtcp2_crypto_encrypt_cb;
    calls.decrypt = ngtcp2_crypto_decrypt_cb;
    calls.hp_mask = ngtcp2_crypto_hp_mask_cb;
    calls.update_key = ngtcp2_crypto_update_key_cb;
    calls.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
    calls.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
    calls.get_path_challenge_data2 = ngtcp2_crypto_get_path_challenge_data2_cb;
    calls.version_negotiation = ngtcp2_crypto_version_negotiation_cb;

    calls.handshake_completed = handshakeCompleted;
    calls.stream_open = streamOpen;
    calls.recv_stream_data = streamData;
    calls.acked_stream_data_offset = acknowledged;
    calls.stream_reset = streamReset;
    calls.stream_close = streamClose;
    calls.get_new_connection_id2 = newConnectionId;
    calls.remove_connection_id = removeConnectionId;
    calls.dcid_status2 = peerConnectionId;
    calls.recv_stateless_reset2 = statelessReset;
    calls.rand = random;
    return calls;
  }
};

const ngtcp2_callbacks& serverCallbacks() {
  static const ngtcp2_callbacks calls = AssociationEvents::forServer();
  return calls;
}

const ngtcp2_callbacks& clientCallbacks() {
  static const ngtcp2_callbacks calls = AssociationEvents::forClient();
  return calls;
}

}  // namespace qpq::quic
