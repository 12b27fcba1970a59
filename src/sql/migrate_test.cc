#include "sql/migrate.h"

#include <array>
#include <atomic>
#include <thread>

#include "sql/fixture_test.h"
#include "sql/limits.h"
#include "support/faulty_vfs.h"

namespace qpq::sql {
namespace {

constexpr uint32_t kApplication = 0x71707131;
constexpr std::array<Sql, 3> kSteps = {
    "CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;"
    "CREATE INDEX note_text ON note (text)",
    "ALTER TABLE note ADD COLUMN colour INTEGER NOT NULL DEFAULT 3",
    "UPDATE note SET colour = colour + 1",
};

Schema schemaOf(std::size_t steps, uint32_t application = kApplication) {
  return {.applicationId = application, .steps = std::span(kSteps).first(steps)};
}

TEST_CASE("a new file gets every step, and a current one is left alone") {
  test::ScratchFolder folder;
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  for (int round = 0; round < 2; ++round) {
    must(migrate(database, schemaOf(3)));
    CHECK(must(database.one<std::size_t>("PRAGMA user_version")) == 3);
    CHECK(must(database.one<uint32_t>("PRAGMA application_id")) == kApplication);
  }
}

TEST_CASE("an old file goes through the missing steps with its rows") {
  Database database = must(Database::inMemory());
  must(migrate(database, schemaOf(1)));
  must(database.execute("INSERT INTO note VALUES (1, 'old')"));
  must(migrate(database, schemaOf(3)));
  auto [text, colour] = must(database.one<std::string, int>("SELECT text, colour FROM note")).value();
  CHECK(text == "old");
  CHECK(colour == 4);
}

TEST_CASE("a file of a newer version is refused by name and unchanged") {
  Database database = must(Database::inMemory());
  must(migrate(database, schemaOf(3)));
  auto refused = migrate(database, schemaOf(2));
  CHECK(codeOf(refused) == Error::Code::newerSchema);
  CHECK(refused.error().text.contains("its version is 3, this program knows 2"));
  CHECK(must(database.one<int>("PRAGMA user_version")) == 3);
}

TEST_CASE("a file of another program is refused by name and unchanged") {
  Database database = must(Database::inMemory());
  must(migrate(database, schemaOf(1, 42)));
  CHECK(codeOf(migrate(database, schemaOf(3))) == Error::Code::otherApplication);
  CHECK(must(database.one<int>("PRAGMA user_version")) == 1);
  Database anonymous = must(Database::inMemory());
  must(anonymous.execute("PRAGMA user_version = 1"));
  CHECK(codeOf(migrate(anonymous, schemaOf(3))) == Error::Code::otherApplication);
}

TEST_CASE("a step that fails leaves the whole version before it") {
  static constexpr std::array<Sql, 2> kBroken = {"CREATE TABLE note (number INTEGER PRIMARY KEY) STRICT",
                                                 "CREATE TABLE other (a INTEGER) STRICT; CREATE TABEL third (a)"};
  Database database = must(Database::inMemory());
  auto refused = migrate(database, {.applicationId = kApplication, .steps = kBroken});
  CHECK(codeOf(refused) == Error::Code::misuse);
  CHECK(must(database.one<int>("PRAGMA user_version")) == 1);
  CHECK(must(database.one<int>("SELECT count(*) FROM sqlite_schema")) == 1);
}

TEST_CASE("an error quotes the beginning of a long step, not all of it") {
  static constexpr std::array<Sql, 1> kLong = {
      "CREATE TABEL long (a INTEGER) STRICT; -- 4567890 234567890 234567890 234567890 234567890 234567890 234567890 23"
      "4567890 234567890 234567890 234567890 234567890 234567890 234567890 234567890 234567890 234567890 the end"};
  REQUIRE(kLong[0].text().size() > kQuotedCharactersMax);
  Database database = must(Database::inMemory());
  Error refused = migrate(database, {.applicationId = kApplication, .steps = kLong}).error();
  CHECK(refused.text.contains("near \"TABEL\": syntax error (CREATE TABEL"));
  CHECK_FALSE(refused.text.contains("the end"));
}

TEST_CASE("a step that ends its own transaction is refused") {
  static constexpr std::array<Sql, 1> kCommits = {"CREATE TABLE note (number INTEGER) STRICT; COMMIT"};
  Database database = must(Database::inMemory());
  CHECK_FALSE(migrate(database, {.applicationId = kApplication, .steps = kCommits}).has_value());
}

TEST_CASE("a read-only connection accepts a current file and refuses an old one") {
  test::ScratchFolder folder;
  Database writer = must(Database::open(folder.file("store.db"), keyOf(1)));
  must(migrate(writer, schemaOf(2)));
  Database reader = must(Database::open(folder.file("store.db"), keyOf(1), {.access = Access::readOnly}));
  CHECK(migrate(reader, schemaOf(2)).has_value());
  CHECK(codeOf(migrate(reader, schemaOf(3))) == Error::Code::readOnly);
}

TEST_CASE("of several who open and migrate a new file at once, each step is taken by one") {
  for (int round = 0; round < 10; ++round) {
    test::ScratchFolder folder;
    std::atomic<int> failed = 0;
    auto start = [&] {
      auto database = Database::open(folder.file("store.db"), keyOf(1));
      if (!database || !migrate(*database, schemaOf(3))) ++failed;
    };
    { std::jthread first(start), second(start), third(start); }
    CHECK(failed == 0);
    Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
    CHECK(must(database.one<int>("PRAGMA user_version")) == 3);
  }
}

TEST_CASE("power lost at any write of a migration leaves a whole version") {
  for (uint64_t nth = 1;; ++nth) {
    test::ScratchFolder folder;
    test::FaultyVfs disk("migrating");
    {
      Database database = must(Database::open(folder.file("store.db"), keyOf(1), {.vfs = disk.name()}));
      must(migrate(database, schemaOf(1)));
      must(database.execute("INSERT INTO note VALUES (1, 'old')"));
      disk.fail({.call = test::FaultyVfs::Call::write, .nth = nth, .then = test::FaultyVfs::Then::powerGoes});
      bool migrated = migrate(database, schemaOf(3)).has_value();
      CHECK(migrated != disk.struck());
      if (!disk.struck()) break;
    }
    disk.restorePower(test::FaultyVfs::Unsynced::kept);
    Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
    must(migrate(database, schemaOf(3)));
    CHECK(must(database.one<int>("SELECT colour FROM note")) == 4);  // step 3 ran once
  }
}

}  // namespace
}  // namespace qpq::sql
