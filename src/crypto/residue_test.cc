// Nothing secret may stay behind in this room: not in the contexts it keeps, nor in memory it gave back. Checked by
// searching the program's memory for the secret after each operation. Not the stack: frames of the libraries (Keccak's
// working state among them) lie there until the next calls write over them, and nothing of ours can reach them. And not
// under the thread sanitizer, whose bookkeeping makes the search take minutes.
#if !__has_feature(thread_sanitizer)

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "crypto/aead.h"
#include "crypto/argon2.h"
#include "crypto/curve448.h"
#include "crypto/ecdsa.h"
#include "crypto/ed25519.h"
#include "crypto/hkdf.h"
#include "crypto/hpke.h"
#include "crypto/mlkem768.h"
#include "crypto/ristretto255.h"
#include "crypto/x25519.h"
#include "crypto/xwing.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

constexpr std::size_t kPartSize = 16;

// A part of a secret, kept inverted so that the search does not find itself; `mask` for the forms HMAC gives a key.
// Also in reverse, as a number stands in memory.
struct Trace {
  ByteArray<kPartSize> inverted;
  uint8_t mask;

  bool isAt(const uint8_t* memory) const {
    for (std::size_t i = 0; i < kPartSize; ++i) {
      if ((memory[i] ^ inverted[i]) != (mask ^ 0xff)) return false;
    }
    return true;
  }
};

// The writable memory of this program but its stack: heap and statics. Larger mappings are a sanitizer's own tables.
std::vector<std::pair<uintptr_t, uintptr_t>> writableMemory() {
  constexpr uintptr_t kRegionMax = uintptr_t{64} << 20;
  std::vector<std::pair<uintptr_t, uintptr_t>> regions;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::string rights;
    fields >> std::hex >> begin >> dash >> end >> rights;
    const bool isStack = line.ends_with("[stack]");
    if (rights.starts_with("rw") && !isStack && end - begin <= kRegionMax) regions.emplace_back(begin, end);
  }
  return regions;
}

bool anywhereInMemory(const std::vector<Trace>& traces) {
  std::array<bool, 256> firstBytes{};
  for (const Trace& trace : traces) firstBytes[trace.inverted[0] ^ trace.mask ^ 0xff] = true;
  Bytes window(1 << 16);
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  bool found = false;
  for (auto [begin, end] : writableMemory()) {
    for (uintptr_t at = begin; at < end; at += window.size() - kPartSize) {
      ssize_t got = pread(memory, window.data(), std::min(window.size(), end - at), static_cast<off_t>(at));
      for (ssize_t i = 0; i + ssize_t{kPartSize} <= got; ++i) {
        if (!firstBytes[window[static_cast<std::size_t>(i)]]) continue;
        for (const Trace& trace : traces) found = found || trace.isAt(window.data() + i);
      }
    }
  }
  close(memory);
  return found;
}

test::SeededRandom secrets(0x5eed);  // no two operations may have the same

// Runs `operation` with a secret nobody else has, lets it die, and looks for any part of it.
template <std::size_t N, class Operation>
bool remains(Operation operation) {
  auto inverted = secrets.bytes<N>();
  {
    Secret<N> key;
    for (std::size_t i = 0; i < N; ++i) key.writable()[i] = static_cast<uint8_t>(inverted[i] ^ 0xff);
    operation(key);
  }
  std::vector<Trace> traces;
  for (std::size_t at = 0; at < N; at += kPartSize) {
    for (uint8_t mask : std::initializer_list<uint8_t>{0x00, 0x36, 0x5c}) {
      Trace trace{.inverted = {}, .mask = mask};
      std::ranges::copy(ByteView(inverted).subspan(at, kPartSize), trace.inverted.begin());
      traces.push_back(trace);
    }
    traces.push_back(traces.back());
    traces.back().mask = 0x00;
    std::ranges::reverse(traces.back().inverted);
  }
  return anywhereInMemory(traces);
}

TEST_CASE("the search finds a secret that is still there, also under HMAC's padding") {
  SecretBytes kept;
  CHECK(remains<32>([&](const Secret<32>& key) { kept = SecretBytes(key.expose().last(kPartSize)); }));
  CHECK(remains<32>([&](const Secret<32>& key) {
    kept = SecretBytes(key.expose());
    for (uint8_t& byte : kept.writable()) byte ^= 0x36;
  }));
  CHECK(remains<32>([&](const Secret<32>& key) {
    kept = SecretBytes(key.expose());
    std::ranges::reverse(kept.writable());
  }));
  CHECK_FALSE(remains<32>([](const Secret<32>&) {}));
}

TEST_CASE("an AEAD leaves neither key nor plaintext behind") {
  const Bytes nonce(kAeadNonceSize), sealed(100);
  for (AeadId id : kAeadIds) {
    INFO("AEAD " << static_cast<int>(id));
    const std::size_t size = aeadKeySize(id);
    CHECK_FALSE(remains<32>([&](auto& key) { (void)aeadSeal(id, key.expose().first(size), nonce, {}, sealed); }));
    CHECK_FALSE(remains<32>([&](auto& key) { (void)aeadOpen(id, key.expose().first(size), nonce, {}, sealed); }));
    const Bytes key(size);
    CHECK_FALSE(remains<64>([&](auto& text) { (void)aeadSeal(id, key, nonce, {}, text.expose()); }));
    CHECK_FALSE(remains<64>(
        [&](auto& text) { (void)aeadOpen(id, key, nonce, {}, aeadSeal(id, key, nonce, {}, text.expose()).value()); }));
  }
}

TEST_CASE("a hash and what is built on it leave neither key nor input behind") {
  const Bytes info(10);
  for (HashId id : kHashIds) {
    INFO("hash " << static_cast<int>(id));
    CHECK_FALSE(remains<64>([&](auto& input) { (void)hash(id, input.expose()); }));
    CHECK_FALSE(remains<64>([&](auto& input) { std::move(Hasher(id)).update(input.expose()); }));
    CHECK_FALSE(remains<64>([&](auto& key) { (void)hmac(id, key.expose(), {info}); }));
    CHECK_FALSE(remains<64>([&](auto& input) { (void)hkdfExtract(id, info, input.expose()); }));
    CHECK_FALSE(remains<64>([&](auto& key) { (void)hkdfExpand(id, key.expose(), info, 200); }));
  }
  CHECK_FALSE(remains<64>([](auto& input) {
    Secret<32> out;
    shake256({input.expose()}, out.writable());
  }));
}

TEST_CASE("keys of signatures and key exchange are gone when they have been used") {
  const Bytes message(20);
  const ByteArray<32> nine{9};
  CHECK_FALSE(remains<32>([&](auto& seed) { (void)Ed25519Key(seed).sign(message); }));
  const Bytes large(100'000);  // OpenSSL signs it
  CHECK_FALSE(remains<32>([&](auto& seed) { (void)Ed25519Key(seed).sign(large); }));
  CHECK_FALSE(remains<32>([&](auto& key) { (void)x25519PublicKey(key); }));
  CHECK_FALSE(remains<32>([&](auto& key) { (void)x25519(key, nine); }));
  CHECK_FALSE(remains<64>([](auto& wide) { (void)invert(reduceScalar(wide.expose())); }));
}

// A secret with zeros behind it, for lengths that are no whole number of parts.
SecretBytes grown(const Secret<48>& secret, std::size_t size) {
  SecretBytes bytes(size);
  std::ranges::copy(secret.expose(), bytes.writable().begin());
  return bytes;
}

TEST_CASE("keys of the NIST curves and of curve448 are gone when they have been used") {
  const Bytes message(20);
  const Bytes p256 = curvePublicKey(CurveId::p256, Bytes(32, 1)).value();
  const Bytes p384 = curvePublicKey(CurveId::p384, Bytes(48, 1)).value();
  CHECK_FALSE(remains<32>([&](auto& key) { (void)curvePublicKey(CurveId::p256, key.expose()); }));
  CHECK_FALSE(remains<32>([&](auto& key) { (void)curveDh(CurveId::p256, key.expose(), p256); }));
  CHECK_FALSE(remains<32>([&](auto& key) { (void)ecdsaSign(CurveId::p256, key.expose(), message); }));
  CHECK_FALSE(remains<48>([&](auto& key) { (void)curvePublicKey(CurveId::p384, key.expose()); }));
  CHECK_FALSE(remains<48>([&](auto& key) { (void)curveDh(CurveId::p384, key.expose(), p384); }));
  CHECK_FALSE(remains<48>([&](auto& key) { (void)ecdsaSign(CurveId::p384, key.expose(), message); }));
  const Bytes x448Key = x448PublicKey(Bytes(kX448KeySize, 1)).value();
  CHECK_FALSE(remains<48>([&](auto& key) { (void)x448(grown(key, kX448KeySize).expose(), x448Key); }));
  CHECK_FALSE(remains<48>([&](auto& key) { (void)ed448Sign(grown(key, kEd448KeySize).expose(), message); }));
}

TEST_CASE("a KEM leaves neither seed nor randomness behind") {
  CHECK_FALSE(remains<64>([](auto& seed) { (void)mlKem768PublicKey(seed); }));
  CHECK_FALSE(remains<64>([](auto& seed) { (void)mlKem768Decapsulate(seed, Bytes(kMlKem768CiphertextSize)); }));
  const Bytes publicKey = mlKem768PublicKey(Secret<64>());
  CHECK_FALSE(remains<32>([&](auto& message) { (void)mlKem768Encapsulate(publicKey, message); }));
  CHECK_FALSE(remains<32>([](auto& seed) { (void)xwingPublicKey(seed); }));
  const Bytes xwingKey = xwingPublicKey(Secret<32>());
  CHECK_FALSE(remains<64>([&](auto& randomness) { (void)xwingEncapsulate(xwingKey, randomness); }));
  const Bytes ciphertext(kXWingCiphertextSize, uint8_t{5});
  CHECK_FALSE(remains<32>([&](auto& seed) { (void)xwingDecapsulate(seed, ciphertext); }));
}

TEST_CASE("HPKE leaves no private key behind, also when it refuses") {
  for (KemId kem : {KemId::x25519HkdfSha256, KemId::mlkem768X25519}) {
    const HpkeSuite suite{kem, HashId::sha384, AeadId::aes256Gcm};
    const Bytes kemOutput(kemOutputSize(kem), uint8_t{5});
    CHECK_FALSE(remains<32>([&](auto& key) { (void)hpkeOpen(suite, key.expose(), kemOutput, {}, {}, Bytes(16)); }));
    CHECK_FALSE(remains<64>([&](auto& input) { (void)deriveKemKeyPair(kem, input.expose()); }));
  }
}

TEST_CASE("Argon2id leaves no password behind") {
  CHECK_FALSE(remains<32>([](auto& password) { (void)argon2id(password.expose(), Bytes(16), kArgon2CostTest, 32); }));
}

}  // namespace
}  // namespace qpq::crypto

#endif
