#include "wire/inside/ephemeral.h"

#include "crypto/aead.h"

#include "support/seeded_random.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;

EphemeralKey epochKey() { return EphemeralKey(sample::hash(0x70)); }

EphemeralTBS typing() {
  return {.log = sample::kLog,
          .commitsSeen = 5,
          .device = sample::device(1),
          .counter = 1'700'000'000'001,
          .type = 2,
          .body = toBytes(asBytes("typing"))};
}

Result<Ephemeral> sealed(const EphemeralTBS& tbs, uint8_t device = 1) {
  test::SeededRandom random(7);
  auto key = sample::deviceKey(device);
  return sealEphemeral(epochKey(), key, tbs, random);
}
Leaves leaves() { return Leaves::check({sample::verified(1, 1), sample::verified(2, 2)}).value(); }
Result<ReceivedEphemeral> opened(const Ephemeral& ephemeral, const LogId& log = sample::kLog) {
  return openEphemeral(epochKey(), log, ephemeral, leaves());
}

TEST_CASE("an ephemeral has its golden bytes, outside and inside") {
  sample::checkGolden(
      sealed(typing()).value(),
      "0000000000000005"
      "6304e695733f775322691af5"
      "4071f83b0848864cfbfd3d61776e6b91964b06cca03304f09bc2b1c6ba6b063dac0f187646b9a760452d699af03d4902e129cee18a801dbf"
      "b7a13e1a0171a879742e3da7e8aefb29ceac174fa36af573c8506bb5823a9b6b78b1fde59fd13850146c341f92ada508f8ec966cbe861861"
      "7eb1bf");
  EphemeralPlain plain{.device = sample::device(1),
                       .counter = 1'700'000'000'001,
                       .type = 2,
                       .body = toBytes(asBytes("typing")),
                       .signature = sign(sample::deviceKey(1), typing()).signature};
  sample::checkGolden(
      plain,
      "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"
      "0000018bcfe56801"
      "0002"
      "06747970696e67"
      "8a748ee586059d07bbed48244da1401ef7b35c3bae577874b9fac2da46d8c6e101c6523b5ca214b29b84f5483cb369e64aec094a3e7903a4"
      "541147a5ab0a8d01");
}

TEST_CASE("an ephemeral opens in its epoch and names its sender") {
  auto received = opened(sealed(typing()).value());
  REQUIRE(received);
  CHECK(*received == ReceivedEphemeral{entry(1, 1), typing().counter, 2, typing().body});
}

TEST_CASE("an ephemeral changed anywhere, or read in another epoch or log, does not open") {
  Ephemeral ephemeral = sealed(typing()).value();
  Bytes bytes = encode(ephemeral);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    auto decoded = decode<Ephemeral>(changed);
    if (decoded && refusal(opened(*decoded)) != ErrorCode::cannotOpen) ++accepted;
  }
  CHECK(accepted == 0);
  CHECK(refusal(opened(ephemeral, sample::idOf<LogId>(0x11))) == ErrorCode::cannotOpen);
  CHECK(refusal(openEphemeral(EphemeralKey(sample::hash(0x71)), sample::kLog, ephemeral, leaves())) ==
        ErrorCode::cannotOpen);
  ephemeral.sealed.clear();
  CHECK(refusal(opened(ephemeral)) == ErrorCode::cannotOpen);
}

TEST_CASE("a member cannot speak for another device") {
  CHECK(refusal(opened(sealed(typing(), 2).value())) == ErrorCode::badSignature);
  EphemeralTBS unknown = typing();
  unknown.device = sample::device(9);
  CHECK(refusal(opened(sealed(unknown).value())) == ErrorCode::unknownLeaf);
}

TEST_CASE("where two accounts have a device of one id, the signature says whose it is") {
  auto twin = sample::certified(2, sample::device(1), sample::deviceKey(8).publicKey());
  auto both = Leaves::check({sample::verified(1, 1), twin}).value();
  auto from = [&](uint8_t device) {
    return openEphemeral(epochKey(), sample::kLog, sealed(typing(), device).value(), both);
  };
  CHECK(from(1)->sender == entry(1, 1));
  CHECK(from(8)->sender == entry(2, 1));
  CHECK(refusal(from(2)) == ErrorCode::badSignature);
}

// What another member can seal: anything at all, since everyone has the key.
Ephemeral sealedRaw(const Bytes& plain) {
  Writer associatedData;
  write(associatedData, sample::kLog);
  associatedData.u64(5);
  Ephemeral ephemeral{.commitsSeen = 5};
  auto key = epochKey();
  ephemeral.sealed =
      crypto::aeadSeal(crypto::AeadId::aes256Gcm, key.expose(), ephemeral.nonce, associatedData.view(), plain).value();
  return ephemeral;
}

TEST_CASE("what opens but is no ephemeral is refused") {
  EphemeralPlain plain{.device = sample::device(1), .counter = typing().counter, .type = 2, .body = typing().body};
  plain.signature = sign(sample::deviceKey(1), typing()).signature;
  CHECK(opened(sealedRaw(encode(plain))));
  Bytes longer = encode(plain);
  longer.push_back(0);
  CHECK(refusal(opened(sealedRaw(longer))) == ErrorCode::malformed);
  CHECK(refusal(opened(sealedRaw({}))) == ErrorCode::malformed);
  // A signature of another epoch's ephemeral is worth nothing in this one.
  EphemeralTBS earlier = typing();
  earlier.commitsSeen = 4;
  plain.signature = sign(sample::deviceKey(1), earlier).signature;
  CHECK(refusal(opened(sealedRaw(encode(plain)))) == ErrorCode::badSignature);
  earlier = typing();
  earlier.log = sample::idOf<LogId>(0x11);
  plain.signature = sign(sample::deviceKey(1), earlier).signature;
  CHECK(refusal(opened(sealedRaw(encode(plain)))) == ErrorCode::badSignature);
}

TEST_CASE("an ephemeral ends at 8 KiB, before it is sealed and before it is opened") {
  EphemeralTBS large = typing();
  constexpr std::size_t kAround = 16 + 8 + 2 + 2 + 64 + 16;  // device, counter, type, length, signature, tag
  large.body.resize(8 * 1024 - kAround);
  auto atBound = sealed(large);
  REQUIRE(atBound);
  CHECK(atBound->sealed.size() == 8 * 1024);
  CHECK(opened(*atBound));
  large.body.push_back(0);
  CHECK(refusal(sealed(large)) == ErrorCode::tooLarge);
  large.body.resize(1 << 20);
  CHECK(refusal(sealed(large)) == ErrorCode::tooLarge);
  Ephemeral foreign{.sealed = Bytes(8 * 1024 + 1)};
  CHECK(refusal(opened(foreign)) == ErrorCode::tooLarge);
  foreign.sealed.resize(1 << 20);
  CHECK(refusal(opened(foreign)) == ErrorCode::tooLarge);
}

TEST_CASE("a counter follows the clock, and rises where the clock does not") {
  CHECK(nextCounter(0, Instant{1000}) == 1000);
  CHECK(nextCounter(1000, Instant{1000}) == 1001);
  CHECK(nextCounter(5000, Instant{1000}) == 5001);
  CHECK(nextCounter(999, Instant{1001}) == 1001);
}

TEST_CASE("what is not above the last one is dropped") {
  CHECK(checkFresh(10, 11));
  CHECK(checkFresh(0, 1));
  CHECK(refusal(checkFresh(10, 10)) == ErrorCode::notFresh);
  CHECK(refusal(checkFresh(10, 9)) == ErrorCode::notFresh);
  CHECK(refusal(checkFresh(0, 0)) == ErrorCode::notFresh);
}

}  // namespace
}  // namespace qpq::wire
