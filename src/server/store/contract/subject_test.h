#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "crypto/ed25519.h"
#include "server/store/connection.h"
#include "server/store/contract/faulty_test.h"
#include "server/store/memory/store.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

// What every engine of the store is held to. Each promise of store/NOUN.h is a test here, for each of these:
namespace qpq::server::store::contract {

enum class Engine { sqlcipher, memory, faultySqlcipher, faultyMemory };
// The test runs once for each.
inline Engine anyEngine() {
  return GENERATE(Engine::sqlcipher, Engine::memory, Engine::faultySqlcipher, Engine::faultyMemory);
}
// Those that can be made to fail.
inline Engine faultyEngine() { return GENERATE(Engine::faultySqlcipher, Engine::faultyMemory); }

// An empty store of one engine, with a connection to write and one to read.
class Subject {
 public:
  explicit Subject(Engine engine);

  Connection& writer() { return *writer_; }
  Connection& reader() { return *reader_; }
  Calls& calls() { return *calls_; }  // the writer's

  // `work` on the tables in one transaction, committed. Everything in it must go well.
  template <class Work>
  auto write(Work work) {
    auto transaction = writer().write();
    REQUIRE(transaction);
    if constexpr (std::is_void_v<std::invoke_result_t<Work, Tables&>>) {
      work(transaction->tables());
      REQUIRE(transaction->commit());
    } else {
      auto result = work(transaction->tables());
      REQUIRE(transaction->commit());
      return result;
    }
  }
  template <class Work>
  auto read(Work work) {
    auto transaction = reader().read();
    REQUIRE(transaction);
    return work(transaction->tables());
  }

 private:
  test::ScratchFolder folder_;
  std::optional<memory::Store> memory_;
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<Connection> reader_;
  Calls* calls_ = nullptr;
};

// The value, or a failed test that says why.
template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().text);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// ---- Things to store, told apart by a number.

template <class Id>
Id id(uint8_t n) {
  Id id;
  id.bytes.fill(n);
  return id;
}
inline wire::Hash hash(uint8_t n) {
  wire::Hash hash;
  hash.fill(n);
  return hash;
}
inline wire::RosterEntry device(uint8_t account, uint8_t n = 1) { return {id<AccountId>(account), id<DeviceId>(n)}; }

wire::UserName userName(const std::string& text);
wire::Certificate certificate(const wire::RosterEntry& device, uint64_t listVersion = 1);
wire::DeviceList deviceList(const AccountId& account, uint64_t version = 1);
wire::Vault vault(const AccountId& account, uint8_t n = 1);
Credentials credentials(const AccountId& account, uint8_t n = 1);
NewAccount account(uint8_t n, const std::string& name);
KeptPackage package(uint8_t n, uint64_t notAfterMs);

// A log begun by account 1, as the store has it.
Log addLog(Tables& tables, uint8_t n, uint64_t nowMs = 1'000);

struct EntrySpec {
  uint8_t id;
  uint64_t timeMs = 1'000;
  std::size_t size = 10;
  std::optional<uint64_t> largeSize{};  // its envelope lies in the file of hash(id)
  std::optional<std::size_t> welcome{};
  std::optional<uint64_t> largeWelcome{};  // in the file of hash(id + 100)
};
// Its bytes are all `id`.
Result<void> append(Tables& tables, Log& log, const EntrySpec& spec);

}  // namespace qpq::server::store::contract
