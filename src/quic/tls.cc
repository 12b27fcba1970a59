#include "quic/tls.h"

#include <arpa/inet.h>
#include <kj/debug.h>
#include <openssl/err.h>

#include <string_view>
#include <utility>

namespace qpq::quic {
namespace {

// OpenSSL's objects that ngtcp2 fetches once per process.
void prepareProcess() {
  static const int prepared = ngtcp2_crypto_ossl_init();
  KJ_REQUIRE(prepared == 0, "ngtcp2_crypto_ossl_init");
}

// RFC 7301 §3.1: each name with its length before it.
std::string alpnList(const std::string& protocol) {
  KJ_REQUIRE(!protocol.empty() && protocol.size() < 256);
  return static_cast<char>(protocol.size()) + protocol;
}

int selectAlpn(SSL*, const unsigned char** chosen, unsigned char* chosenSize, const unsigned char* offered,
               unsigned offeredSize, void* profile) {
  const std::string& own = static_cast<const TlsProfile*>(profile)->alpn;
  std::string_view rest(reinterpret_cast<const char*>(offered), offeredSize);
  while (!rest.empty()) {
    std::size_t size = static_cast<unsigned char>(rest[0]);
    auto name = rest.substr(1, size);
    if (name == own) {
      *chosen = reinterpret_cast<const unsigned char*>(name.data());
      *chosenSize = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    rest.remove_prefix(std::min(rest.size(), size + 1));
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SslContextOwned newContext(const SSL_METHOD* method, const TlsProfile& profile) {
  prepareProcess();
  SslContextOwned context(SSL_CTX_new(method));
  KJ_REQUIRE(context != nullptr);
  KJ_REQUIRE(SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1);
  KJ_REQUIRE(SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) == 1);
  KJ_REQUIRE(SSL_CTX_set1_groups_list(context.get(), profile.groups.c_str()) == 1, profile.groups.c_str());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

bool isAddressLiteral(const std::string& name) {
  ByteArray<16> host;
  return inet_pton(AF_INET, name.c_str(), host.data()) == 1 || inet_pton(AF_INET6, name.c_str(), host.data()) == 1;
}

Certificate share(X509* raw) {
  X509_up_ref(raw);
  return Certificate(std::shared_ptr<X509>(raw, X509_free));
}

}  // namespace

TlsContext::TlsContext(SslContextOwned context, const TlsProfile& profile)
    : context_(std::move(context)), profile_(std::make_unique<const TlsProfile>(profile)) {}

TlsContext TlsContext::forServer(const TlsIdentity& identity, const TlsProfile& profile) {
  TlsContext server(newContext(TLS_server_method(), profile), profile);
  SSL_CTX* context = server.raw();
  KJ_REQUIRE(SSL_CTX_use_certificate(context, identity.chain().front().raw()) == 1);
  for (std::size_t i = 1; i < identity.chain().size(); ++i) {
    KJ_REQUIRE(SSL_CTX_add1_chain_cert(context, identity.chain()[i].raw()) == 1);
  }
  KJ_REQUIRE(SSL_CTX_use_PrivateKey(context, identity.key()) == 1);
  SSL_CTX_set_alpn_select_cb(context, selectAlpn, const_cast<TlsProfile*>(server.profile_.get()));
  // A ticket makes a client recognisable to whoever watches, and needs keys all loops share; it would save a seventh
  // of the work. Early data can be replayed.
  KJ_REQUIRE(SSL_CTX_set_num_tickets(context, 0) == 1);
  KJ_REQUIRE(SSL_CTX_set_max_early_data(context, 0) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return server;
}

TlsContext TlsContext::forClient(const TlsProfile& profile) {
  TlsContext client(newContext(TLS_client_method(), profile), profile);
  // OpenSSL's default for clients is to accept everybody.
  SSL_CTX_set_verify(client.raw(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(client.raw(), TlsSession::verify, nullptr);
  return client;
}

TlsSession::TlsSession(const TlsContext& context, std::optional<Expectation> expectation)
    : expectation_(std::move(expectation)) {
  ssl_ = SSL_new(context.raw());
  KJ_REQUIRE(ssl_ != nullptr && ngtcp2_crypto_ossl_ctx_new(&crypto_, ssl_) == 0);
  ref_ = {.get_conn = connectionOf, .user_data = this};
  SSL_set_app_data(ssl_, &ref_);  // before configure_*: its callbacks look here
  if (!expectation_) {
    KJ_REQUIRE(ngtcp2_crypto_ossl_configure_server_session(ssl_) == 0);
    SSL_set_accept_state(ssl_);
    return;
  }
  KJ_REQUIRE(ngtcp2_crypto_ossl_configure_client_session(ssl_) == 0);
  SSL_set_connect_state(ssl_);
  auto alpn = alpnList(context.profile().alpn);
  KJ_REQUIRE(SSL_set_alpn_protos(ssl_, reinterpret_cast<const uint8_t*>(alpn.data()),
                                 static_cast<unsigned>(alpn.size())) == 0);
  const std::string& name = expectation_->serverName;
  if (!name.empty() && !isAddressLiteral(name)) {  // RFC 6066 §3: no literal addresses in SNI
    KJ_REQUIRE(SSL_set_tlsext_host_name(ssl_, name.c_str()) == 1, name.c_str());
  }
}

TlsSession::~TlsSession() { finish(); }

void TlsSession::finish() {
  if (ssl_ == nullptr) return;
  SSL_set_app_data(ssl_, nullptr);
  SSL_free(std::exchange(ssl_, nullptr));
  if (connection_ != nullptr) ngtcp2_conn_set_tls_native_handle(connection_, nullptr);
  ngtcp2_crypto_ossl_ctx_del(std::exchange(crypto_, nullptr));
}

void TlsSession::attach(ngtcp2_conn* connection) {
  connection_ = connection;
  ngtcp2_conn_set_tls_native_handle(connection, crypto_);
}

ngtcp2_conn* TlsSession::connectionOf(ngtcp2_crypto_conn_ref* ref) {
  return static_cast<TlsSession*>(ref->user_data)->connection_;
}

int TlsSession::verify(X509_STORE_CTX* store, void*) noexcept {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* ref = static_cast<ngtcp2_crypto_conn_ref*>(SSL_get_app_data(ssl));
  auto* session = static_cast<TlsSession*>(ref->user_data);
  if (session->judge(store)) return 1;
  session->refusedPeer_ = true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

bool TlsSession::judge(X509_STORE_CTX* store) {
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  if (leaf == nullptr || !expectation_) return false;
  Certificate peer = share(leaf);
  std::vector<Certificate> intermediates;
  STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(sent); ++i) intermediates.push_back(share(sk_X509_value(sent, i)));
  peerKey_ = peer.keyHash();
  return accepts(expectation_->verifier, peer, intermediates, expectation_->serverName);
}

ByteArray<32> TlsSession::exporter() const {
  constexpr std::string_view kLabel = "EXPORTER-qpq-1";
  ByteArray<32> value;
  KJ_REQUIRE(
      SSL_export_keying_material(ssl_, value.data(), value.size(), kLabel.data(), kLabel.size(), nullptr, 0, 1) == 1,
      "exporter before the handshake");
  return value;
}

}  // namespace qpq::quic
