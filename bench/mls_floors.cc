#include "mls_floors.h"

#include <array>
#include <functional>
#include <string>

#include "cpu_time.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/system_random.h"
#include "crypto/x25519.h"

namespace qpq::bench {
namespace {

constexpr std::size_t kLarge = 65'536;

double measureOne(Report& report, uint16_t suite, std::string name, std::size_t size,
                  const std::function<void()>& operation) {
  CpuTime time = cpuTime(operation, report.pick(15, 1), report.pick(10.0, 1.0));
  report.add({.name = "floor: " + std::move(name),
              .operations = time.operations,
              .size = size,
              .value = time.medianUs,
              .unit = "us",
              .keys = {{"suite", std::to_string(suite)}}});
  return time.medianUs;
}

struct CaseGoal {
  Case row;
  double value;
};
// Suite 1, as the project set them.
constexpr std::array kGoals{
    CaseGoal{{"protect", 2, 64}, 25},
    CaseGoal{{"unprotect", 2, 64}, 65},
    CaseGoal{{"protect", 2, kLarge}, 275},
    CaseGoal{{"unprotect", 2, kLarge}, 220},
    CaseGoal{{"key_package"}, 150},
    CaseGoal{{"commit_warm", 100}, 900},
    CaseGoal{{"commit_warm", 1000}, 1'300},
    CaseGoal{{"process_warm", 1000}, 700},
    CaseGoal{{"add_warm", 1000, 0, "out"}, 1'500},
    CaseGoal{{"add_warm", 1000, 0, "inline"}, 2'400},
    CaseGoal{{"process_add_warm", 1000, 0, "out"}, 900},
    CaseGoal{{"process_add_warm", 1000, 0, "inline"}, 900},
    CaseGoal{{"commit_cold", 1000}, 70'000},
    CaseGoal{{"bulk_add", 1000, 0, "out"}, 300'000},
    CaseGoal{{"bulk_add", 5000, 0, "out"}, 1'600'000},
    CaseGoal{{"join", 1000, 0, "inline"}, 62'000},
    CaseGoal{{"join", 5000, 0, "inline"}, 310'000},
    CaseGoal{{"join", 30'000, 0, "inline"}, 1'900'000},
    CaseGoal{{"heap", 1000}, 500'000},
    CaseGoal{{"delta", 2, 64}, 300},
};

bool same(const Case& a, const Case& b) {
  return a.name == b.name && a.n == b.n && a.size == b.size && a.tree == b.tree;
}

// The share of the suite-1 goal the post-quantum suite has. Keys and heap are as large as its keys are: no goal.
std::optional<double> postQuantumFactor(std::string_view name) {
  if (name == "heap") return std::nullopt;
  if (name == "delta") return 1;
  if (name == "protect" || name == "unprotect" || name == "join") return 1.3;
  return 2.2;
}

}  // namespace

double Floors::of(const Work& work) const {
  auto times = [](std::size_t count, double each) { return static_cast<double>(count) * each; };
  const double signedByte = (largeSign - sign) / kLarge;
  return times(work.signedBytes, signedByte) + times(work.signs, sign) + times(work.verifies, verify) +
         times(work.keys, key) + times(work.seals, seal) + times(work.opens, open) + times(work.largeSigns, largeSign) +
         times(work.largeVerifies, largeVerify);
}

Floors referenceFloors(const crypto::Suite& suite) {
  Floors floors{
      .sign = 17.6, .verify = 52, .key = 27.6, .seal = 57.5, .open = 29.9, .largeSign = 223, .largeVerify = 183};
  if (suite.kem == crypto::KemId::mlkem768X25519) {
    floors.key = 66.2;  // ML-KEM-768 and X25519 key from a seed
    floors.seal = 117;
    floors.open = 142;
  }
  return floors;
}

Floors measureFloors(Report& report, const crypto::Suite& suite) {
  crypto::SystemRandom random;
  Secret<32> secret = random.secret<32>();
  const crypto::Ed25519Key signer(secret);
  const Bytes small(64), large(kLarge);
  const auto smallSignature = signer.sign(small), largeSignature = signer.sign(large);
  const crypto::KemKeyPair pair = crypto::generateKemKeyPair(suite.kem, random);
  const crypto::Encapsulation made = crypto::encapsulate(suite.kem, pair.publicKey, random).value();
  auto measure = [&](std::string name, std::size_t size, const std::function<void()>& operation) {
    return measureOne(report, suite.id, std::move(name), size, operation);
  };
  auto verify = [&](const Bytes& message, const auto& signature) {
    keep(crypto::verifyEd25519(signer.publicKey(), message, signature));
  };
  Floors floors;
  floors.sign = measure("Ed25519 sign", 64, [&] { keep(signer.sign(small)); });
  floors.verify = measure("Ed25519 verify", 64, [&] { verify(small, smallSignature); });
  floors.largeSign = measure("Ed25519 sign", kLarge, [&] { keep(signer.sign(large)); });
  floors.largeVerify = measure("Ed25519 verify", kLarge, [&] { verify(large, largeSignature); });
  measure("SHA-256", 64, [&] { keep(crypto::sha256(small)); });
  const crypto::X25519PublicKey peer = crypto::x25519PublicKey(random.secret<32>());
  double shared = measure("X25519", 32, [&] { keep(crypto::x25519(secret, peer)); });
  double base = measure("X25519 public key", 32, [&] { keep(crypto::x25519PublicKey(secret)); });
  floors.key = base;
  floors.seal = base + shared;
  floors.open = shared;
  if (suite.kem != crypto::KemId::mlkem768X25519) return floors;
  auto pairSecret = pair.privateKey.expose();
  floors.key = measure("X-Wing public key", 32, [&] { keep(crypto::kemPublicKey(suite.kem, pairSecret)); });
  floors.seal =
      measure("X-Wing encapsulate", 32, [&] { keep(crypto::encapsulate(suite.kem, pair.publicKey, random)); });
  floors.open =
      measure("X-Wing decapsulate", 32, [&] { keep(crypto::decapsulate(suite.kem, pairSecret, made.kemOutput)); });
  return floors;
}

std::optional<double> goalOf(const Case& row, const crypto::Suite& suite) {
  for (const CaseGoal& goal : kGoals) {
    if (!same(goal.row, row)) continue;
    if (suite.id == crypto::kSuiteX25519.id) return goal.value;
    auto factor = postQuantumFactor(row.name);
    return factor ? std::optional(goal.value * *factor) : std::nullopt;
  }
  return std::nullopt;
}

std::string_view verdict(double value, double goal, double floor, double referenceFloor) {
  if (value <= goal) return "met";
  if (goal < referenceFloor) return "below the floor";
  bool slower = floor > referenceFloor && referenceFloor > 0;
  return slower && value / floor <= goal / referenceFloor ? "met by ratio" : "missed";
}

}  // namespace qpq::bench
