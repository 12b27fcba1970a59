// What do the primitives cost, in CPU time of one core? Beside each stands the number the design was made with, where
// there is one: the same libraries (OpenSSL 3.5.7, libsodium 1.0.18) called directly on one virtual AMD EPYC core, best
// of several runs under load. A ratio far above 1 on a like machine is something our wrapping costs.

#include <format>

#include "base/bytes.h"
#include "cpu_time.h"
#include "crypto/argon2.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/hpke.h"
#include "crypto/mlkem768.h"
#include "crypto/ristretto255.h"
#include "crypto/suite.h"
#include "crypto/system_random.h"
#include "crypto/x25519.h"
#include "crypto/xwing.h"
#include "report.h"

namespace qpq::bench {
namespace {

using namespace crypto;

class CryptoBench {
 public:
  CryptoBench(int argc, char** argv): report_("crypto", argc, argv) {}

  void run() {
    hashes();
    aeads();
    curves();
    kems();
    hpke();
    passwords();
  }

 private:
  template <class Operation>
  void measure(std::string name, std::optional<double> referenceUs, Operation operation) {
    CpuTime time = cpuTime([&] { keep(operation()); }, report_.pick(15, 1), report_.pick(10.0, 1.0));
    report_.add({.name = std::move(name),
                 .operations = time.operations,
                 .value = time.medianUs,
                 .unit = "us",
                 .reference = referenceUs});
  }

  void hashes() {
    report_.section("hash and HKDF");
    const Bytes small(64), kilobyte(1024), info(48), key(32);
    measure("SHA-256, 64 B", 0.101, [&] { return sha256(small); });
    measure("SHA-256, 1 KiB", 0.63, [&] { return sha256(kilobyte); });
    measure("SHA-384, 64 B", {}, [&] { return hash(HashId::sha384, small); });
    measure("SHA3-256, 64 B", {}, [&] { return hash(HashId::sha3_256, small); });
    measure("HKDF-Expand SHA-256, 32 B out, 48 B info", 0.210,
            [&] { return hkdfExpand(HashId::sha256, key, info, 32); });
    measure("HKDF-Expand SHA-384, 48 B out, 48 B info", {}, [&] { return hkdfExpand(HashId::sha384, key, info, 48); });
    measure("random bytes, 32 B", 0.07, [&] { return random_.bytes<32>(); });
  }

  void aeads() {
    struct Row {
      AeadId id;
      std::string_view name;
      std::array<double, 4> sealUs;  // reference, by kSizes
    };
    constexpr std::array<std::size_t, 4> kSizes{64, 256, 1024, 16384};
    report_.section("AEAD, a key per message, 32 B associated data");
    const Bytes nonce(kAeadNonceSize), data(32);
    for (const Row& row : {Row{AeadId::aes128Gcm, "AES-128-GCM", {0.167, 0.183, 0.294, 1.50}},
                           Row{AeadId::aes256Gcm, "AES-256-GCM", {0.179, 0.194, 0.304, 1.75}},
                           Row{AeadId::chacha20Poly1305, "ChaCha20-Poly1305", {0.394, 0.427, 0.587, 4.64}}}) {
      const Bytes key(aeadKeySize(row.id));
      for (std::size_t i = 0; i < kSizes.size(); ++i) {
        const Bytes text(kSizes[i]);
        measure(std::format("{} seal, {} B", row.name, kSizes[i]), row.sealUs[i],
                [&] { return aeadSeal(row.id, key, nonce, data, text); });
      }
      const Bytes sealed = aeadSeal(row.id, key, nonce, data, Bytes(1024)).value();
      measure(std::format("{} open, 1024 B", row.name), {}, [&] { return aeadOpen(row.id, key, nonce, data, sealed); });
    }
  }

  void curves() {
    report_.section("X25519, Ed25519, ristretto255");
    Secret<32> key = random_.secret<32>();
    const X25519PublicKey peer = x25519PublicKey(random_.secret<32>());
    measure("X25519 public key", 27.6, [&] { return x25519PublicKey(key); });
    measure("X25519 shared secret", 29.9, [&] { return x25519(key, peer); });
    const Ed25519Key signer(key);
    const Bytes message(64);
    const Ed25519Signature signature = signer.sign(message);
    measure("Ed25519 key from seed", {}, [&] { return Ed25519Key(key); });
    measure("Ed25519 sign", 17.6, [&] { return signer.sign(message); });
    measure("Ed25519 verify", 51.9, [&] { return verifyEd25519(signer.publicKey(), message, signature); });
    const RistrettoElement element = elementFromUniform(random_.bytes<64>());
    const RistrettoScalar scalar = randomScalar(random_);
    measure("ristretto255 multiply", {}, [&] { return multiply(scalar, element); });
  }

  void kems() {
    report_.section("ML-KEM-768 and X-Wing, from raw keys");
    const Secret<64> seed = random_.secret<64>();
    const Secret<32> message = random_.secret<32>();
    const Bytes publicKey = mlKem768PublicKey(seed);
    const Bytes ciphertext = mlKem768Encapsulate(publicKey, message).value().ciphertext;
    measure("ML-KEM-768 public key from seed", 38.6, [&] { return mlKem768PublicKey(seed); });
    measure("ML-KEM-768 encapsulate", 46.5, [&] { return mlKem768Encapsulate(publicKey, message); });
    measure("ML-KEM-768 decapsulate from seed", 38.6 + 45.8, [&] { return mlKem768Decapsulate(seed, ciphertext); });
    const Secret<32> xwingSeed = random_.secret<32>();
    const Bytes xwingKey = xwingPublicKey(xwingSeed);
    const Bytes xwingCiphertext = xwingEncapsulate(xwingKey, seed).value().ciphertext;
    measure("X-Wing public key from seed", 152, [&] { return xwingPublicKey(xwingSeed); });
    measure("X-Wing encapsulate", 117, [&] { return xwingEncapsulate(xwingKey, seed); });
    measure("X-Wing decapsulate from seed", 231, [&] { return xwingDecapsulate(xwingSeed, xwingCiphertext); });
  }

  void hpke() {
    report_.section("HPKE base mode, 48 B plaintext");
    const Bytes secret(48);
    for (const Suite* suite : {&kSuiteX25519, &kSuiteXWing}) {
      const std::string_view name = suite == &kSuiteX25519 ? "HPKE X25519 AES-128" : "HPKE X-Wing AES-256";
      const KemKeyPair pair = generateKemKeyPair(suite->kem, random_);
      const auto sealed = hpkeSeal(suite->hpke(), pair.publicKey, {}, {}, secret, random_).value();
      measure(std::format("{} seal", name), {},
              [&] { return hpkeSeal(suite->hpke(), pair.publicKey, {}, {}, secret, random_); });
      measure(std::format("{} open", name), {}, [&] {
        return hpkeOpen(suite->hpke(), pair.privateKey.expose(), sealed.kemOutput, {}, {}, sealed.ciphertext);
      });
    }
  }

  void passwords() {
    report_.section("password");
    const Bytes salt(16);
    measure("Argon2id 64 MiB, 3 passes, 4 lanes", 167'000,
            [&] { return argon2id(asBytes("password"), salt, kArgon2CostMin, 64); });
  }

  Report report_;
  SystemRandom random_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) { qpq::bench::CryptoBench(argc, argv).run(); }
