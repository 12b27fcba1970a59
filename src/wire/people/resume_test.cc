#include "wire/people/resume.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

ResumeTBS sampleResume() {
  return {.exporter = sample::hash(0x50),
          .incarnation = sample::kIncarnation,
          .account = sample::account(1),
          .device = sample::device(1)};
}

TEST_CASE("what a device signs to resume has its golden bytes and signature") {
  sample::checkGolden(sampleResume(),
                      "5050505050505050505050505050505050505050505050505050505050505050"
                      "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"
                      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
                      "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1");
  CHECK(
      toHex(sign(sample::deviceKey(1), sampleResume()).signature) ==
      "fda6ece8caf322a4bac5a6a8cf7820fc0f49dfaaa8fe36d16bc5a279f112ddd577fb46a6c88caa00ee20f797c44be45802e0bdceb59621ea"
      "8f65e24d684cdc0b");
}

TEST_CASE("a resume signature is worth nothing on another connection, server, account or device") {
  PublicKey device = sample::deviceKey(1).publicKey();
  const Resume resume = sign(sample::deviceKey(1), sampleResume());
  CHECK(verify(device, resume));
  CHECK_FALSE(verify(sample::deviceKey(2).publicKey(), resume));
  auto changed = resume;
  changed.tbs.exporter[0] ^= 1;
  CHECK_FALSE(verify(device, changed));
  changed = resume;
  changed.tbs.incarnation.bytes[0] ^= 1;
  CHECK_FALSE(verify(device, changed));
  changed = resume;
  changed.tbs.account = sample::account(2);
  CHECK_FALSE(verify(device, changed));
  changed = resume;
  changed.tbs.device = sample::device(2);
  CHECK_FALSE(verify(device, changed));
}

TEST_CASE("the exporter has the label of the page") { CHECK(kResumeExporterLabel == "EXPORTER-qpq-1"); }

}  // namespace
}  // namespace qpq::wire
