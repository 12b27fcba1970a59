#include "wire/people/certificate.h"

namespace qpq::wire {

Result<VerifiedCertificate> VerifiedCertificate::check(Certificate certificate) {
  if (certificate.tbs.listVersion == 0) return fail(ErrorCode::certificateVersion);
  if (!verify(certificate.tbs.accountKey, certificate)) return fail(ErrorCode::badSignature);
  return VerifiedCertificate(std::move(certificate));
}

Result<VerifiedCertificate> VerifiedCertificate::parse(ByteView encoded) {
  return check(TRY(decode<Certificate>(encoded)));
}

}  // namespace qpq::wire
