#include "server_floors.h"

#include <functional>
#include <utility>

#include "cpu_time.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/system_random.h"

namespace qpq::bench {

namespace {

constexpr std::size_t kLarge = 1 << 20;

CpuTime measured(const Report& report, const std::function<void()>& operation) {
  return cpuTime(operation, report.pick(15, 1), report.pick(10.0, 1.0));
}

}  // namespace

ServerFloors measureServerFloors(Report& report, const DataFolder& folder) {
  report.section("floors of this machine");
  auto add = [&](std::string name, uint64_t operations, std::optional<uint64_t> size, double value,
                 std::string_view unit, std::string_view durability) {
    report.add({.name = "floor: " + std::move(name),
                .operations = operations,
                .size = size,
                .value = value,
                .unit = unit,
                .subject = "machine",
                .durability = durability});
    return value;
  };
  crypto::SystemRandom random;
  crypto::Ed25519Key key(random.secret<32>());
  auto message = random.bytes<32>();
  auto signature = key.sign(message);
  Bytes large(kLarge, 'q');

  int times = report.pick(500, 50);
  double syncUs = folder.syncUs(times);
  CpuTime sign = measured(report, [&]() { keep(key.sign(message)); });
  CpuTime verify = measured(report, [&]() { keep(crypto::verifyEd25519(key.publicKey(), message, signature)); });
  CpuTime hash = measured(report, [&]() { keep(crypto::sha256(large)); });
  return {
      .syncUs =
          add("write 4 KiB and fdatasync p50", static_cast<uint64_t>(times), 4096, syncUs, "us", folder.durability()),
      .signUs = add("Ed25519 sign", sign.operations, message.size(), sign.medianUs, "us", "none"),
      .verifyUs = add("Ed25519 verify", verify.operations, message.size(), verify.medianUs, "us", "none"),
      .sha256MiBs = add("SHA-256", hash.operations, kLarge, 1e6 / hash.medianUs, "MiB/s", "none"),
  };
}

}  // namespace qpq::bench
