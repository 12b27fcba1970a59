#include "quic/peer_verifier.h"

#include <openssl/err.h>

#include "quic/openssl_owned.h"

namespace qpq::quic {
namespace {

using StackOwned = std::unique_ptr<STACK_OF(X509), FreedBy<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>>;

bool vouchedFor(const TrustedCertificates& trusted, const Certificate& peer,
                const std::vector<Certificate>& intermediates, const std::string& serverName) {
  X509StoreOwned store(X509_STORE_new());
  for (const auto& anchor : trusted.certificates) X509_STORE_add_cert(store.get(), anchor.raw());
  StackOwned untrusted(sk_X509_new_null());
  for (const auto& one : intermediates) sk_X509_push(untrusted.get(), one.raw());

  X509StoreContextOwned context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), peer.raw(), untrusted.get()) != 1) return false;
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);  // a given intermediate is an anchor, too
  X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(trusted.now.unixMs / kSecondMs));
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An empty name would match every certificate.
  if (serverName.empty()) return false;
  bool named = X509_VERIFY_PARAM_set1_ip_asc(rules, serverName.c_str()) == 1 ||
               X509_VERIFY_PARAM_set1_host(rules, serverName.data(), serverName.size()) == 1;
  bool verified = named && X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return verified;
}

struct Acceptance {
  const Certificate& peer;
  const std::vector<Certificate>& intermediates;
  const std::string& serverName;

  bool operator()(const TrustedCertificates& trusted) const {
    Bytes der = peer.der();
    for (const auto& one : trusted.certificates) {
      if (one.der() == der) return true;
    }
    return vouchedFor(trusted, peer, intermediates, serverName);
  }
  bool operator()(const ExpectedKey& expected) const { return peer.keyHash() == expected.hash; }
  bool operator()(const Judged& judged) const { return judged.accept(peer.keyHash()); }
};

}  // namespace

bool accepts(const PeerVerifier& verifier, const Certificate& peer, const std::vector<Certificate>& intermediates,
             const std::string& serverName) {
  return std::visit(Acceptance{peer, intermediates, serverName}, verifier);
}

}  // namespace qpq::quic
