// SQLite's way of testing: fail the n-th call of a kind, for n from 1 until none is left, and look at what remains.

#include <set>

#include "sql/backup.h"
#include "sql/fixture_test.h"
#include "sql/migrate.h"
#include "support/faulty_vfs.h"
#include "support/seeded_random.h"

namespace qpq::sql {
namespace {

using Disk = test::FaultyVfs;

constexpr std::array<Sql, 1> kSteps = {
    "CREATE TABLE note (number INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;"
    "CREATE TABLE twin (number INTEGER PRIMARY KEY) STRICT"};
constexpr Schema kSchema{.applicationId = 1, .steps = kSteps};

struct Outcome {
  std::set<uint64_t> committed;
  std::set<uint64_t> unknown;  // commit() said io
  std::vector<Error::Code> errors;
};

// Opens, migrates, commits six notes, and goes on after errors as a server would.
Outcome work(const std::string& path, const Disk& disk, Durability durability = Durability::full) {
  Outcome outcome;
  auto database = Database::open(path, keyOf(1), {.durability = durability, .vfs = disk.name()});
  if (!database) return {.committed = {}, .unknown = {}, .errors = {database.error().code}};
  if (auto migrated = migrate(*database, kSchema); !migrated) outcome.errors.push_back(migrated.error().code);
  if (!outcome.errors.empty()) return outcome;
  for (uint64_t number = 1; number <= 6; ++number) {
    auto added = addNote(*database, number, Bytes(3'000, static_cast<uint8_t>(number)));
    if (added) {
      outcome.committed.insert(number);
      continue;
    }
    outcome.errors.push_back(added.error().code);
    if (added.error().code == Error::Code::io) outcome.unknown.insert(number);
  }
  return outcome;
}

std::set<uint64_t> numbers(Database& database, Sql sql) {
  std::set<uint64_t> found;
  Rows rows = must(database.query(sql));
  while (must(rows.next())) found.insert(must(rows.column<uint64_t>(0)));
  return found;
}

// Everything acknowledged is there, nothing refused is, and what is unknown is there whole or not at all.
void checkAfter(const std::string& path, const Disk& disk, const Outcome& outcome) {
  Database database = must(Database::open(path, keyOf(1), {.vfs = disk.name()}));
  must(migrate(database, kSchema));
  auto found = numbers(database, "SELECT number FROM note");
  CHECK(found == numbers(database, "SELECT number FROM twin"));
  CHECK(std::ranges::includes(found, outcome.committed));
  for (uint64_t number : found) CHECK((outcome.committed.contains(number) || outcome.unknown.contains(number)));
  CHECK(must(findDamage(database)).empty());
}

// One accident per n; gives the number of accidents.
template <class Restore>
uint64_t accidents(Disk::Fault fault, Restore restore) {
  for (uint64_t nth = 1;; ++nth) {
    test::ScratchFolder folder;
    Disk disk("accident");
    fault.nth = nth;
    disk.fail(fault);
    Outcome outcome = work(folder.file("store.db"), disk);
    CAPTURE(static_cast<int>(fault.call), static_cast<int>(fault.then), nth);
    for (Error::Code code : outcome.errors) {
      CHECK((code == Error::Code::io || code == Error::Code::full || code == Error::Code::cannotOpen));
    }
    if (!disk.struck()) {
      CHECK(outcome.errors.empty());
      CHECK(outcome.committed.size() == 6);
      return nth - 1;
    }
    disk.heal();
    restore(disk);
    checkAfter(folder.file("store.db"), disk, outcome);
  }
}

TEST_CASE("whichever call fails once, the error is typed and the committed rows are there") {
  for (Disk::Call call : Disk::kCalls) CHECK(accidents({.call = call, .nth = 1}, [](Disk&) {}) > 0);
}

TEST_CASE("whichever kind of call fails for good, the committed rows are there after a repair") {
  for (Disk::Call call : Disk::kCalls) {
    CHECK(accidents({.call = call, .nth = 1, .then = Disk::Then::fails}, [](Disk&) {}) > 0);
  }
}

TEST_CASE("a disk that fills up at any write leaves exactly the committed rows") {
  for (Disk::Then then : {Disk::Then::works, Disk::Then::fails}) {
    Disk::Fault fault{.call = Disk::Call::write, .nth = 1, .then = then, .reason = Disk::Reason::fullDisk};
    CHECK(accidents(fault, [](Disk&) {}) > 20);
  }
}

TEST_CASE("power lost at any call leaves every committed row, whatever became of unsynced writes") {
  test::SeededRandom random(11);
  for (Disk::Call call : {Disk::Call::write, Disk::Call::sync, Disk::Call::truncate, Disk::Call::remove}) {
    Disk::Fault fault{.call = call, .nth = 1, .then = Disk::Then::powerGoes};
    CHECK(accidents(fault, [](Disk& disk) { disk.restorePower(Disk::Unsynced::lost); }) > 0);
    CHECK(accidents(fault, [](Disk& disk) { disk.restorePower(Disk::Unsynced::kept); }) > 0);
    CHECK(accidents(fault, [&](Disk& disk) { disk.restorePower(random); }) > 0);
  }
}

// As a kernel may: it tells one sync of the failure, takes the pages for written, and the next one knows of nothing.
TEST_CASE("after a sync that failed and forgot its writes, nothing that is committed rests on them") {
  for (Disk::Then then : {Disk::Then::works, Disk::Then::fails}) {
    Disk::Fault fault{.call = Disk::Call::sync, .nth = 1, .then = then, .reason = Disk::Reason::forgetfulDisk};
    CHECK(accidents(fault, [](Disk& disk) {
            disk.cutPower();
            disk.restorePower(Disk::Unsynced::lost);
          }) > 6);
  }
}

TEST_CASE("a cache may lose its last commits at a power cut, and stays whole") {
  test::ScratchFolder folder;
  Disk disk("cache");
  {
    Database database =
        must(Database::open(folder.file("store.db"), keyOf(1), {.durability = Durability::normal, .vfs = disk.name()}));
    must(migrate(database, kSchema));
    for (uint64_t number = 1; number <= 6; ++number) must(addNote(database, number));
    disk.cutPower();
  }
  disk.restorePower(Disk::Unsynced::lost);
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  CHECK(must(database.one<int>("SELECT count(*) FROM sqlite_schema")) == 0);  // all of it: nothing had been synced
  CHECK(must(findDamage(database)).empty());
}

TEST_CASE("an accident while a crashed database is opened again costs nothing") {
  test::ScratchFolder folder;
  std::string path = folder.file("store.db");
  Outcome outcome;
  {
    Disk disk("before");
    disk.fail({.call = Disk::Call::sync, .nth = 12, .then = Disk::Then::powerGoes});
    outcome = work(path, disk);
    REQUIRE(disk.struck());
    disk.restorePower(Disk::Unsynced::lost);
  }
  REQUIRE(outcome.committed.size() > 2);
  Bytes file = fileBytes(path), log = fileBytes(path + "-wal");
  REQUIRE(log.size() > 4096);
  for (Disk::Call call : Disk::kCalls) {
    for (uint64_t nth = 1;; ++nth) {
      writeFile(path, file);
      writeFile(path + "-wal", log);
      Disk disk("again");
      disk.fail({.call = call, .nth = nth});
      CAPTURE(static_cast<int>(call), nth);
      auto opened = Database::open(path, keyOf(1), {.vfs = disk.name()});
      if (!opened) {
        // SQLCipher takes a failed read of the salt for a new file's, and then no key fits.
        bool saltUnread = call == Disk::Call::read && opened.error().code == Error::Code::wrongKey;
        CHECK((saltUnread || opened.error().code == Error::Code::io || opened.error().code == Error::Code::cannotOpen));
      } else {
        opened = refuse(Error::Code::misuse, "closed");
      }
      bool struck = disk.struck();
      disk.heal();
      checkAfter(path, disk, outcome);
      if (!struck) break;
    }
  }
}

}  // namespace
}  // namespace qpq::sql
