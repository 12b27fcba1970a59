#include "wire/logs/receipt.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

ReceiptLeaf leaf(uint64_t seq, uint8_t id) {
  return {.incarnation = sample::kIncarnation,
          .log = sample::kLog,
          .seq = seq,
          .id = sample::entryId(id),
          .envelope = sample::hash(0x64),
          .head = sample::hash(0x65),
          .commits = 2,
          .timeMs = 1'700'000'000'000};
}

std::vector<Receipt> flush(const std::vector<ReceiptLeaf>& leaves) {
  auto key = sample::receiptKey();
  return signFlush({7, key}, leaves);
}

HeadTBS headAt(uint64_t seq) {
  return {.incarnation = sample::kIncarnation,
          .log = sample::kLog,
          .seq = seq,
          .head = sample::hash(0x65),
          .commits = 2,
          .timeMs = 1'700'000'000'000};
}
SignedHead signedHead(const HeadTBS& tbs) {
  auto key = sample::receiptKey();
  return signHead({7, key}, tbs);
}

TEST_CASE("receipts of a flush have their golden bytes, root, paths and signature included") {
  auto receipts = flush({leaf(3, 1), leaf(4, 2), leaf(5, 3)});
  sample::checkGolden(receipts[0].leaf,
                      "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"
                      "10101010101010101010101010101010"
                      "0000000000000003"
                      "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
                      "6464646464646464646464646464646464646464646464646464646464646464"
                      "6565656565656565656565656565656565656565656565656565656565656565"
                      "0000000000000002"
                      "0000018bcfe56800");
  sample::checkGolden(
      receipts[1],
      "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"
      "10101010101010101010101010101010"
      "0000000000000004"
      "e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2"
      "6464646464646464646464646464646464646464646464646464646464646464"
      "6565656565656565656565656565656565656565656565656565656565656565"
      "0000000000000002"
      "0000018bcfe56800"
      "00000007"
      "00000001"
      "00000003"
      "4040"
      "e1f4eabae28e6ac4149667da01b6cd1c814061792198e635674ca7a016fd215e"
      "af9519b2c888ec08e96ed44cd1138b93ecb4f1313aa64517d0bdb7cf4511c4b2"
      "6b0457e88a36be05f9395dea73f870978e35172b333bacf3916e74b76c752dbe5c2e3b6af67578c823e31fe3be4732b2c584942b2496d5fd"
      "907b6d26390ab705");
  sample::checkGolden(
      receipts[2],
      "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"
      "10101010101010101010101010101010"
      "0000000000000005"
      "e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3"
      "6464646464646464646464646464646464646464646464646464646464646464"
      "6565656565656565656565656565656565656565656565656565656565656565"
      "0000000000000002"
      "0000018bcfe56800"
      "00000007"
      "00000002"
      "00000003"
      "20"
      "c8f7bd061194c04c848199ddaf16383b76c584eac7360076a3aa828de00145ca"
      "6b0457e88a36be05f9395dea73f870978e35172b333bacf3916e74b76c752dbe5c2e3b6af67578c823e31fe3be4732b2c584942b2496d5fd"
      "907b6d26390ab705");
}

TEST_CASE("a signed head has its golden bytes") {
  sample::checkGolden(
      signedHead(headAt(4)),
      "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"
      "10101010101010101010101010101010"
      "0000000000000004"
      "6565656565656565656565656565656565656565656565656565656565656565"
      "0000000000000002"
      "0000018bcfe56800"
      "00000007"
      "fadd2bfde9bdb0f4c95e07f601e0d8fae1d3da5bb042c04206e83fb8b2e38786188b7fedcd99e72c893d3d2b413b49c0a5d0d76763785e1b"
      "f523dbf7d72bef0b");
}

TEST_CASE("what a receipt key signs has the size of the flush beside its root") {
  sample::checkGolden(FlushTBS{.size = 258, .root = sample::hash(1)},
                      "00000102"
                      "0101010101010101010101010101010101010101010101010101010101010101");
}

TEST_CASE("every receipt of every flush up to 40 entries is attested, in order") {
  auto server = sample::server();
  std::vector<ReceiptLeaf> leaves;
  for (uint64_t size = 1; size <= 40; ++size) {
    leaves.push_back(leaf(size, 1));
    auto receipts = flush(leaves);
    REQUIRE(receipts.size() == size);
    for (std::size_t i = 0; i < size; ++i) {
      CHECK(receipts[i].leaf == leaves[i]);
      auto attested = Attestation::check(receipts[i], server);
      REQUIRE(attested);
      CHECK(attested->place() == LogPlace{.seq = i + 1, .head = sample::hash(0x65), .commits = 2});
    }
  }
}

TEST_CASE("a receipt or head changed in any byte is attested by nobody") {
  auto server = sample::server();
  auto attested = [&]<class T>(const T& value) {
    Bytes bytes = encode(value);
    CHECK(Attestation::check(value, server));
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Bytes changed = bytes;
      changed[i] ^= 1;
      auto decoded = decode<T>(changed);
      if (decoded && Attestation::check(*decoded, server)) ++accepted;
    }
    return accepted;
  };
  CHECK(attested(flush({leaf(3, 1), leaf(4, 2), leaf(5, 3)})[2]) == 0);
  CHECK(attested(flush({leaf(3, 1)})[0]) == 0);
  CHECK(attested(signedHead(headAt(4))) == 0);
}

TEST_CASE("a refused receipt says why") {
  auto server = sample::server();
  const Receipt receipt = flush({leaf(3, 1), leaf(4, 2)})[1];
  Receipt changed = receipt;
  changed.keyId = 8;
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::unknownReceiptKey);
  changed = receipt;
  changed.keyId = 9;
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::badSignature);
  changed = receipt;
  changed.index = 2;
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::badMerklePath);
  changed = receipt;
  changed.index = 0;
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::badSignature);
  changed = receipt;
  changed.leaf.incarnation = sample::idOf<Incarnation>(2);
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::otherIncarnation);
}

TEST_CASE("a refused head says why") {
  auto server = sample::server();
  const SignedHead head = signedHead(headAt(4));
  SignedHead changed = head;
  changed.keyId = 8;
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::unknownReceiptKey);
  changed = head;
  changed.tbs.seq = 5;
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::badSignature);
  changed = head;
  changed.tbs.incarnation = sample::idOf<Incarnation>(2);
  CHECK(refusal(Attestation::check(changed, server)) == ErrorCode::otherIncarnation);
}

TEST_CASE("a path is read up to 32 steps") {
  Receipt receipt = flush({leaf(3, 1)})[0];
  receipt.path.resize(32);
  CHECK(decode<Receipt>(encode(receipt)) == receipt);
  receipt.path.resize(33);
  CHECK(decode<Receipt>(encode(receipt)).error().code == DecodeError::Code::tooLarge);
  receipt.path.resize(30'000);
  CHECK(decode<Receipt>(encode(receipt)).error().code == DecodeError::Code::tooLarge);
}

class TwoWords {
 public:
  TwoWords(): server_(sample::server()) {}
  Attestation receipt(const ReceiptLeaf& leaf) { return Attestation::check(flush({leaf})[0], server_).value(); }
  Attestation head(const HeadTBS& tbs) { return Attestation::check(signedHead(tbs), server_).value(); }

 private:
  VerifiedServerInfo server_;
};

TEST_CASE("two heads for one number are the proof against a server, by receipts, heads or one of each") {
  TwoWords server;
  ReceiptLeaf otherLeaf = leaf(4, 1);
  otherLeaf.head = sample::hash(0x66);
  HeadTBS otherHead = headAt(4);
  otherHead.head = sample::hash(0x66);
  CHECK(checkContradiction(server.receipt(leaf(4, 1)), server.receipt(otherLeaf)));
  CHECK(checkContradiction(server.head(headAt(4)), server.head(otherHead)));
  CHECK(checkContradiction(server.receipt(leaf(4, 1)), server.head(otherHead)));
  // A reader behind a gap trusts the count of commits alone: two counts for one number are a lie, too.
  HeadTBS otherCount = headAt(4);
  otherCount.commits = 3;
  CHECK(checkContradiction(server.head(headAt(4)), server.head(otherCount)));
}

TEST_CASE("what can both be true proves nothing") {
  TwoWords server;
  Attestation word = server.receipt(leaf(4, 1));
  CHECK(refusal(checkContradiction(word, word)) == ErrorCode::noContradiction);
  CHECK(refusal(checkContradiction(word, server.head(headAt(4)))) == ErrorCode::noContradiction);
  // The time of a leaf may be another: heads say when they were signed.
  HeadTBS later = headAt(4);
  later.timeMs += 1;
  CHECK(refusal(checkContradiction(word, server.head(later))) == ErrorCode::noContradiction);
  HeadTBS elsewhere = headAt(5);
  elsewhere.head = sample::hash(0x66);
  CHECK(refusal(checkContradiction(word, server.head(elsewhere))) == ErrorCode::noContradiction);
  elsewhere.seq = 4;
  elsewhere.log = sample::idOf<LogId>(0x11);
  CHECK(refusal(checkContradiction(word, server.head(elsewhere))) == ErrorCode::noContradiction);
}

// Another server, or the same one in another life, with the same receipt key.
Attestation otherServerSays(uint8_t identity, const Incarnation& incarnation) {
  ServerInfoTBS tbs = sample::server().info().tbs;
  tbs.identity = sample::key(identity).publicKey();
  tbs.incarnation = incarnation;
  auto server = VerifiedServerInfo::check(sign(sample::key(identity), tbs)).value();
  HeadTBS head = headAt(4);
  head.incarnation = incarnation;
  head.head = sample::hash(0x66);
  return Attestation::check(signedHead(head), server).value();
}

TEST_CASE("a restored server, or another one, may say something else") {
  TwoWords server;
  Attestation word = server.head(headAt(4));
  CHECK(checkContradiction(word, otherServerSays(0x30, sample::kIncarnation)));
  CHECK(refusal(checkContradiction(word, otherServerSays(0x30, sample::idOf<Incarnation>(2)))) ==
        ErrorCode::noContradiction);
  CHECK(refusal(checkContradiction(word, otherServerSays(0x33, sample::kIncarnation))) == ErrorCode::noContradiction);
}

}  // namespace
}  // namespace qpq::wire
