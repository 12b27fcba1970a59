#include "wire/inside/leaves.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;
using sample::verified;

// A certificate for this account's device that another account key has signed.
VerifiedCertificate impostor(uint8_t account, uint8_t device) {
  CertificateTBS tbs = sample::certificate(account, device).tbs;
  tbs.accountKey = sample::key(0x66).publicKey();
  return VerifiedCertificate::check(sign(sample::key(0x66), tbs)).value();
}

TEST_CASE("a leaf is its certificate's when the key is") {
  mls::LeafNode leaf = sample::keyPackage(1, 2).leafNode;
  auto certificate = certificateOf(leaf);
  REQUIRE(certificate);
  CHECK(certificate->entry() == entry(1, 2));
  leaf.signatureKey = toBytes(sample::deviceKey(1).publicKey());
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::leafKeyDiffers);
  leaf.signatureKey.clear();
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::leafKeyDiffers);
  leaf.signatureKey = toBytes(ByteView(sample::deviceKey(2).publicKey()).first(31));
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::leafKeyDiffers);
}

TEST_CASE("a leaf whose credential is no certificate is no leaf of ours") {
  mls::LeafNode leaf = sample::keyPackage(1, 2).leafNode;
  leaf.credential = {mls::X509Credential{}};
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::leafCredential);
  leaf.credential = {mls::BasicCredential{{}}};
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::leafCredential);
  Bytes longer = encode(sample::certificate(1, 2));
  longer.push_back(0);
  leaf.credential = {mls::BasicCredential{longer}};
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::leafCredential);
  Certificate forged = sample::certificate(1, 2);
  forged.signature[63] ^= 1;
  leaf.credential = {mls::BasicCredential{encode(forged)}};
  CHECK(refusal(certificateOf(leaf)) == ErrorCode::badSignature);
}

TEST_CASE("leaves are found by device, by account and by bare device id") {
  auto elsewhere = sample::certified(2, sample::device(1), sample::key(0x44).publicKey());
  auto leaves = Leaves::check({verified(1, 2), verified(1, 1), elsewhere}).value();
  CHECK(leaves.size() == 3);
  CHECK(leaves.entries() == Sorted<RosterEntry>{entry(1, 1), entry(1, 2), entry(2, 1)});
  CHECK(*leaves.find(entry(1, 2)) == verified(1, 2));
  CHECK(leaves.find(entry(2, 2)) == nullptr);
  CHECK(leaves.holds(entry(2, 1)));
  CHECK(leaves.holdsAccount(sample::account(1)));
  CHECK(leaves.holdsAccount(sample::account(2)));
  CHECK_FALSE(leaves.holdsAccount(sample::account(3)));
  CHECK_FALSE(leaves.holdsAccount(sample::account(0)));
  CHECK(leaves.withDevice(sample::device(1)).size() == 2);
  CHECK(leaves.withDevice(sample::device(2)).size() == 1);
  CHECK(leaves.withDevice(sample::device(3)).empty());
  CHECK(Leaves::check(leaves.certificates()) == leaves);
  CHECK(Leaves::check({})->size() == 0);
}

TEST_CASE("a tree has one leaf per device and one account key per account") {
  CHECK(Leaves::check({verified(1, 1), verified(2, 2), verified(1, 1)}).error() == Error(ErrorCode::deviceTwice, 2));
  // Another key makes it no other device.
  auto rekeyed = sample::certified(1, sample::device(1), sample::key(0x44).publicKey());
  CHECK(Leaves::check({verified(1, 1), rekeyed}).error() == Error(ErrorCode::deviceTwice, 1));
  CHECK(Leaves::check({verified(1, 1), impostor(1, 2)}).error() == Error(ErrorCode::accountKeysDiffer, 1));
  CHECK(Leaves::check({impostor(1, 2), verified(1, 1)}).error() == Error(ErrorCode::accountKeysDiffer, 1));
  CHECK(Leaves::check({verified(1, 1), impostor(2, 2)}));
}

TEST_CASE("a leaf changes only to the same account and device, under the same account key") {
  auto rekeyed = sample::certified(1, sample::device(1), sample::key(0x44).publicKey());
  CHECK(checkLeafChange(verified(1, 1), verified(1, 1)));
  CHECK(checkLeafChange(verified(1, 1), rekeyed));
  CHECK(refusal(checkLeafChange(verified(1, 1), verified(1, 2))) == ErrorCode::leafOwnerChanged);
  CHECK(refusal(checkLeafChange(verified(1, 1), verified(2, 1))) == ErrorCode::leafOwnerChanged);
  CHECK(refusal(checkLeafChange(verified(1, 1), impostor(1, 1))) == ErrorCode::accountKeysDiffer);
}

}  // namespace
}  // namespace qpq::wire
