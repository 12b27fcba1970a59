#include "wire/logs/envelope.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;

mls::PrivateMessage privateMessage(mls::ContentType type, const Terms& terms) {
  return {.groupId = toBytes(sample::kLog.bytes),
          .epoch = {3},
          .contentType = type,
          .authenticatedData = encode(terms),
          .encryptedSenderData = {0xaa, 0xbb},
          .ciphertext = {0xcc, 0xdd, 0xee}};
}
Envelope envelopeOf(mls::PrivateMessage message) { return {mls::MLSMessage{{}, {std::move(message)}}}; }

AskTBS askTBS() {
  return {.log = sample::kLog,
          .terms = {.id = sample::entryId(2), .commitsSeen = 5, .body = ProposalTerms{}},
          .reason = AskReason::newDevice,
          .certificate = sample::certificate(1, 1, 3),
          .keyPackage = sample::keyPackage(1, 1)};
}

template <class T>
Result<LogEnvelope> parse(const T& envelope) {
  return LogEnvelope::parse(encode(envelope), sample::kLog);
}
std::optional<ErrorCode> refused(const mls::PrivateMessage& message) { return refusal(parse(envelopeOf(message))); }
std::optional<ErrorCode> refusedAsk(const AskTBS& tbs) {
  return refusal(parse(Envelope{sign(sample::deviceKey(1), tbs)}));
}

TEST_CASE("an envelope around an MLS message has its golden bytes") {
  sample::checkGolden(envelopeOf(privateMessage(mls::ContentType::application, sample::messageTerms())),
                      "01"
                      "0001"
                      "0002"
                      "1010101010101010101010101010101010"
                      "0000000000000003"
                      "01"
                      "1a0101e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e10000000000000005"
                      "02aabb"
                      "03ccddee");
}

TEST_CASE("an ask has its golden bytes, alone and in its envelope") {
  Ask ask = sign(sample::deviceKey(1), askTBS());
  sample::checkGolden(
      ask,
      "10101010101010101010101010101010"
      "01"
      "02"
      "e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2"
      "0000000000000005"
      "00"
      "04"
      "01a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737d1d1d1d1d1d1d1"
      "d1d1d1d1d1d1d1d1d1884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b0000000000000003b235f76426ef0c"
      "3d66ca1c72d55e1798a80f2874fd2032012ee1c7a89620a6b5459bbcdac1d2067269cd3eaa61d7f0d651d29a5aa61dc9b89b8afe48180aff"
      "07"
      "0001f0e2"
      "020102"
      "020304"
      "20884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b"
      "000140a9"
      "01a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737d1d1d1d1d1d1d1"
      "d1d1d1d1d1d1d1d1d1884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b0000000000000003b235f76426ef0c"
      "3d66ca1c72d55e1798a80f2874fd2032012ee1c7a89620a6b5459bbcdac1d2067269cd3eaa61d7f0d651d29a5aa61dc9b89b8afe48180aff"
      "07"
      "02000102f0e202f0c102000a020001"
      "0100000000000003e800000000000007d0"
      "00"
      "020506"
      "00"
      "020708"
      "9151bc644faa8da74337e397bbea3019647ec59b24b7789c624f54f09a56bdbdc760aa4ee59c5e4e0c5b0e0118fdd6058a6986aa657d4c79"
      "09baefd5157f910b");
  Bytes envelope = encode(Envelope{ask});
  CHECK(envelope == concat({Bytes{2}, encode(ask)}));
  CHECK(decode<Envelope>(envelope) == Envelope{ask});
  CHECK(toHex(LogEnvelope::parse(envelope, sample::kLog)->hash()) ==
        "050e3186a583e2f88d347328e85d2266a8911d55417f9223b18cea2fa2f9747b");
}

TEST_CASE("envelope types and reasons this program does not know are named as such") {
  Bytes message = encode(envelopeOf(privateMessage(mls::ContentType::application, sample::messageTerms())));
  for (auto type : {uint8_t{0}, uint8_t{3}, uint8_t{255}}) {
    message[0] = type;
    CHECK(LogEnvelope::parse(message, sample::kLog).error() == Error(ErrorCode::unknownValue, 0));
  }
  Bytes ask = encode(sign(sample::deviceKey(1), askTBS()));
  constexpr std::size_t kReason = 16 + 27;
  for (int reason = 0; reason < 256; ++reason) {
    ask[kReason] = static_cast<uint8_t>(reason);
    CHECK(decode<Ask>(ask).has_value() == (reason >= 1 && reason <= 6));
  }
}

TEST_CASE("a private message of each kind is taken with the terms that fit it") {
  auto message = parse(envelopeOf(privateMessage(mls::ContentType::application, sample::messageTerms())));
  REQUIRE(message);
  CHECK(message->terms() == sample::messageTerms());
  CHECK(message->message()->ciphertext == Bytes{0xcc, 0xdd, 0xee});
  CHECK(message->ask() == nullptr);
  CHECK(parse(envelopeOf(privateMessage(mls::ContentType::proposal, sample::leaveTerms(entry(1, 1))))));
  CHECK(parse(envelopeOf(privateMessage(mls::ContentType::commit, sample::commitTerms({})))));
}

TEST_CASE("content type and kind are the same in both places") {
  const Terms terms[] = {sample::messageTerms(), sample::leaveTerms(entry(1, 1)), sample::commitTerms({})};
  for (uint8_t type = 1; type <= 3; ++type) {
    for (uint8_t kind = 1; kind <= 3; ++kind) {
      auto code = refused(privateMessage(static_cast<mls::ContentType>(type), terms[kind - 1]));
      CHECK(code == (type == kind ? std::nullopt : std::optional(ErrorCode::kindDiffers)));
    }
  }
}

TEST_CASE("a proposal that is no ask names who leaves") {
  Terms terms{.id = sample::entryId(1), .body = ProposalTerms{}};
  CHECK(refused(privateMessage(mls::ContentType::proposal, terms)) == ErrorCode::leaverMissing);
}

TEST_CASE("a message is of this log and carries exactly one Terms") {
  auto message = privateMessage(mls::ContentType::application, sample::messageTerms());
  message.groupId[0] ^= 1;
  CHECK(refused(message) == ErrorCode::otherLog);
  message.groupId = {};
  CHECK(refused(message) == ErrorCode::otherLog);
  message = privateMessage(mls::ContentType::application, sample::messageTerms());
  message.authenticatedData.push_back(0);
  CHECK(refused(message) == ErrorCode::malformed);
  message.authenticatedData = {};
  CHECK(refused(message) == ErrorCode::malformed);
  message.authenticatedData = {2};
  CHECK(refused(message) == ErrorCode::unknownValue);
}

TEST_CASE("only private messages of MLS 1.0 travel") {
  mls::FramedContent content{.groupId = toBytes(sample::kLog.bytes),
                             .sender = {mls::MemberSender{}},
                             .authenticatedData = encode(sample::messageTerms()),
                             .content = {mls::ApplicationData{}}};
  Envelope open{mls::MLSMessage{{}, {mls::PublicMessage{.content = content}}}};
  CHECK(refusal(parse(open)) == ErrorCode::notPrivateMessage);
  CHECK(refusal(parse(Envelope{mls::MLSMessage{{}, {mls::Welcome{}}}})) == ErrorCode::notPrivateMessage);
  CHECK(refusal(parse(Envelope{mls::MLSMessage{{}, {sample::keyPackage(1, 1)}}})) == ErrorCode::notPrivateMessage);
  Bytes bytes = encode(envelopeOf(privateMessage(mls::ContentType::application, sample::messageTerms())));
  bytes[2] = 2;  // the protocol version
  CHECK(refusal(LogEnvelope::parse(bytes, sample::kLog)) == ErrorCode::unknownValue);
}

TEST_CASE("an ask is taken when everything in it is its device's") {
  auto envelope = parse(Envelope{sign(sample::deviceKey(1), askTBS())});
  REQUIRE(envelope);
  REQUIRE(envelope->ask() != nullptr);
  CHECK(envelope->message() == nullptr);
  CHECK(envelope->terms() == askTBS().terms);
  CHECK(envelope->ask()->ask() == askTBS());
  CHECK(envelope->ask()->certificate().entry() == entry(1, 1));
}

TEST_CASE("an ask is of this log, a proposal without a leaver") {
  AskTBS tbs = askTBS();
  tbs.log = sample::idOf<LogId>(0x11);
  CHECK(refusedAsk(tbs) == ErrorCode::otherLog);
  tbs = askTBS();
  tbs.terms = sample::messageTerms();
  CHECK(refusedAsk(tbs) == ErrorCode::kindDiffers);
  tbs.terms = sample::commitTerms({});
  CHECK(refusedAsk(tbs) == ErrorCode::kindDiffers);
  tbs.terms = sample::leaveTerms(entry(1, 1));
  CHECK(refusedAsk(tbs) == ErrorCode::leaverUnexpected);
}

TEST_CASE("an ask's certificate, key package and signature are of one device key") {
  AskTBS tbs = askTBS();
  tbs.certificate.signature[0] ^= 1;
  CHECK(refusedAsk(tbs) == ErrorCode::badSignature);
  tbs = askTBS();
  tbs.certificate = sample::certificate(1, 1, 4);  // as good, but not the one in the key package
  CHECK(refusedAsk(tbs) == ErrorCode::keyPackageDiffers);
  tbs = askTBS();
  tbs.keyPackage.leafNode.signatureKey = toBytes(sample::deviceKey(2).publicKey());
  CHECK(refusedAsk(tbs) == ErrorCode::keyPackageDiffers);
  tbs = askTBS();
  tbs.keyPackage.leafNode.credential = {mls::X509Credential{}};
  CHECK(refusedAsk(tbs) == ErrorCode::keyPackageDiffers);
  CHECK(refusal(parse(Envelope{sign(sample::deviceKey(2), askTBS())})) == ErrorCode::badSignature);
  Ask ask = sign(sample::deviceKey(1), askTBS());
  ask.tbs.reason = AskReason::lostState;
  CHECK(refusal(parse(Envelope{ask})) == ErrorCode::badSignature);
}

// An envelope of exactly this size.
Bytes sized(mls::ContentType type, const Terms& terms, std::size_t size) {
  auto message = privateMessage(type, terms);
  message.ciphertext.resize(size);
  std::size_t excess = encode(envelopeOf(message)).size() - size;
  message.ciphertext.resize(size - excess);
  Bytes bytes = encode(envelopeOf(message));
  REQUIRE(bytes.size() == size);
  return bytes;
}

TEST_CASE("a message or proposal ends at 64 KiB, a commit at 16 MiB") {
  auto refusedAt = [](mls::ContentType type, const Terms& terms, std::size_t size) {
    return refusal(LogEnvelope::parse(sized(type, terms, size), sample::kLog));
  };
  constexpr std::size_t kKiB = 1024;
  constexpr std::size_t kMiB = 1024 * kKiB;
  auto message = sample::messageTerms();
  auto leave = sample::leaveTerms(entry(1, 1));
  auto commit = sample::commitTerms({});
  CHECK(refusedAt(mls::ContentType::application, message, 64 * kKiB) == std::nullopt);
  CHECK(refusedAt(mls::ContentType::application, message, 64 * kKiB + 1) == ErrorCode::tooLarge);
  CHECK(refusedAt(mls::ContentType::application, message, 20 * kMiB) == ErrorCode::tooLarge);
  CHECK(refusedAt(mls::ContentType::proposal, leave, 64 * kKiB) == std::nullopt);
  CHECK(refusedAt(mls::ContentType::proposal, leave, 64 * kKiB + 1) == ErrorCode::tooLarge);
  CHECK(refusedAt(mls::ContentType::commit, commit, 64 * kKiB + 1) == std::nullopt);
  CHECK(refusedAt(mls::ContentType::commit, commit, 16 * kMiB) == std::nullopt);
  CHECK(refusedAt(mls::ContentType::commit, commit, 16 * kMiB + 1) == ErrorCode::tooLarge);
}

}  // namespace
}  // namespace qpq::wire
