#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "crypto/suite.h"
#include "report.h"

namespace qpq::bench {

// How often an operation of MLS does what it cannot do without. Everything else it does is on top.
struct Work {
  std::size_t signs = 0;
  std::size_t verifies = 0;
  std::size_t keys = 0;        // key pairs of the KEM made from a secret
  std::size_t seals = 0;       // encapsulations to somebody's public key
  std::size_t opens = 0;       // decapsulations
  std::size_t largeSigns = 0;  // of 64 KiB, hashing included
  std::size_t largeVerifies = 0;
  std::size_t signedBytes = 0;  // of a ratchet tree inside a signature: an Ed25519 signature hashes it twice
};

// What one of each costs, in microseconds.
struct Floors {
  double sign = 0, verify = 0, key = 0, seal = 0, open = 0, largeSign = 0, largeVerify = 0;
  double of(const Work& work) const;
};

// The machine the goals were set on (AMD EPYC, OpenSSL 3.5.7, libsodium 1.0.18).
Floors referenceFloors(const crypto::Suite& suite);
// Measures this machine's, and reports each as a row.
Floors measureFloors(Report& report, const crypto::Suite& suite);

// The goal of a row in microseconds or bytes; nothing where there is none. The post-quantum suite may take 2.2 times as
// long where a KEM is at work, and 1.3 times elsewhere.
struct Case {
  std::string_view name;
  std::size_t n = 1;
  std::size_t size = 0;
  std::string_view tree = {};
};
std::optional<double> goalOf(const Case& row, const crypto::Suite& suite);

// "met", "met by ratio" if the machine is slower than the reference and the goal holds in terms of its floors, "below
// the floor" if already the reference's floor is above the goal, "missed".
std::string_view verdict(double value, double goal, double floor, double referenceFloor);

}  // namespace qpq::bench
