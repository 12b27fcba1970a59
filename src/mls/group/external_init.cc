#include "mls/group/external_init.h"

#include "crypto/hpke.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kLabel = "MLS 1.0 external init secret";

}  // namespace

Result<NewExternalInit> makeExternalInit(const crypto::Suite& suite, ByteView externalPub, Random& random) {
  if (externalPub.size() != crypto::kemPublicKeySize(suite.kem)) return fail(ErrorCode::invalidKey);
  auto sent =
      TRY(crypto::hpkeSendExport(suite.hpke(), externalPub, {}, asBytes(kLabel), crypto::hashSize(suite.hash), random));
  return NewExternalInit{{std::move(sent.kemOutput)}, std::move(sent.secret)};
}

Result<SecretBytes> openExternalInit(const crypto::Suite& suite, ByteView externalSecret,
                                     const ExternalInit& proposal) {
  crypto::KemKeyPair keys = externalKeyPair(suite, externalSecret);
  auto secret = crypto::hpkeReceiveExport(suite.hpke(), keys.privateKey.expose(), proposal.kemOutput, {},
                                          asBytes(kLabel), crypto::hashSize(suite.hash));
  if (!secret) return fail(ErrorCode::externalInitOutput);
  return *std::move(secret);
}

}  // namespace qpq::mls
