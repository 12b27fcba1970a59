#include "wire/people/certificate.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

TEST_CASE("a certificate has its golden bytes, signature included") {
  sample::checkGolden(
      sample::certificate(1, 1, 3),
      "01"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
      "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"
      "884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b"
      "0000000000000003"
      "b235f76426ef0c3d66ca1c72d55e1798a80f2874fd2032012ee1c7a89620a6b5459bbcdac1d2067269cd3eaa61d7f0d651d29a5aa61dc9b8"
      "9b8afe48180aff07");
}

TEST_CASE("a certificate that verifies under its own account key is proof of what it says") {
  Certificate certificate = sample::certificate(1, 2, 3);
  auto verified = VerifiedCertificate::check(certificate);
  REQUIRE(verified);
  CHECK(verified->certificate() == certificate);
  CHECK(verified->entry() == sample::entry(1, 2));
  CHECK((*verified)->listVersion == 3);
  CHECK(VerifiedCertificate::parse(encode(certificate)) == verified);
}

TEST_CASE("a certificate changed anywhere is none") {
  Bytes bytes = encode(sample::certificate(1, 1));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 0x40;
    INFO(i);
    CHECK(refusal(VerifiedCertificate::parse(changed)) == (i == 0 ? ErrorCode::unknownValue : ErrorCode::badSignature));
  }
}

TEST_CASE("only the account key itself certifies") {
  CertificateTBS tbs = sample::certificate(1, 1).tbs;
  CHECK(refusal(VerifiedCertificate::check(sign(sample::accountKey(2), tbs))) == ErrorCode::badSignature);
  CHECK(refusal(VerifiedCertificate::check(sign(sample::deviceKey(1), tbs))) == ErrorCode::badSignature);
}

TEST_CASE("no device stands in a list 0") {
  CHECK(refusal(VerifiedCertificate::check(sample::certificate(1, 1, 0))) == ErrorCode::certificateVersion);
  CHECK(VerifiedCertificate::check(sample::certificate(1, 1, UINT64_MAX)));
}

TEST_CASE("bytes that are no certificate are refused with their place") {
  CHECK(VerifiedCertificate::parse({}).error() == Error(ErrorCode::malformed, 0));
  CHECK(VerifiedCertificate::parse(Bytes{2}).error() == Error(ErrorCode::unknownValue, 0));
}

}  // namespace
}  // namespace qpq::wire
