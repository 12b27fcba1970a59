#include "people.h"

#include <kj/debug.h>

#include <format>
#include <fstream>
#include <string>

#include "bench/must.h"
#include "bench/seeder.h"
#include "hex.h"

namespace qpq::faults {

namespace {

constexpr std::size_t kMessageSize = 64;

crypto::Ed25519Key keyFrom(const std::string& hex) {
  auto seed = fromHexTo<ByteArray<32>>(hex);
  return crypto::Ed25519Key(Secret<32>(seed));
}

}  // namespace

std::vector<Person> seed(const std::filesystem::path& dataFolder, std::size_t people, uint64_t messages, Random& random,
                         Instant now) {
  bench::Seeder seeder(dataFolder, random, now);
  std::vector<bench::Identity> identities;
  for (std::size_t i = 0; i < people; ++i) identities.push_back(seeder.addAccount(std::format("person-{}", i)));
  std::vector<Person> seeded;
  for (std::size_t i = 0; i < people; ++i) {
    const bench::Identity* members[] = {&identities[i], &identities[(i + 1) % people]};
    auto log = seeder.addLog(std::span(members).first(people > 1 ? 2 : 1));
    seeder.addMessages(log, messages / people, kMessageSize);
    seeded.push_back({identities[i].clone(), log.id});
  }
  seeder.finish();
  return seeded;
}

void write(const std::filesystem::path& file, const std::vector<Person>& people) {
  std::ofstream out(file);
  for (const auto& [identity, log] : people) {
    out << std::format("{} {} {} {} {} {}\n", identity.name, toHex(identity.entry.account.view()),
                       toHex(identity.entry.device.view()), toHex(identity.accountKey.exposeSeed()),
                       toHex(identity.deviceKey.exposeSeed()), toHex(log.view()));
  }
  KJ_REQUIRE(out.flush().good(), file.c_str());
}

std::vector<Person> readPeople(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<Person> people;
  std::string name, account, device, accountSeed, deviceSeed, log;
  while (in >> name >> account >> device >> accountSeed >> deviceSeed >> log) {
    wire::RosterEntry entry{fromHexTo<AccountId>(account), fromHexTo<DeviceId>(device)};
    people.push_back({{name, entry, keyFrom(accountSeed), keyFrom(deviceSeed)}, fromHexTo<LogId>(log)});
  }
  KJ_REQUIRE(!people.empty(), "nobody is in", file.c_str());
  return people;
}

}  // namespace qpq::faults
