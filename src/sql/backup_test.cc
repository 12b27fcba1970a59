#include "sql/backup.h"

#include <filesystem>

#include "sql/fixture_test.h"
#include "support/faulty_vfs.h"

namespace qpq::sql {
namespace {

Database filled(const std::string& path, uint64_t notes) {
  Database database = must(Database::open(path, keyOf(1)));
  createNotes(database);
  for (uint64_t number = 1; number <= notes; ++number) must(addNote(database, number, Bytes(1'000, uint8_t{7})));
  return database;
}

TEST_CASE("a backup is one whole file under its own key") {
  test::ScratchFolder folder;
  Database database = filled(folder.file("store.db"), 100);
  must(backup(database, folder.file("copy.db"), keyOf(2)));
  CHECK_FALSE(std::filesystem::exists(folder.file("copy.db-wal")));
  must(addNote(database, 101));

  CHECK(codeOf(Database::open(folder.file("copy.db"), keyOf(1))) == Error::Code::wrongKey);
  Database copy = must(Database::open(folder.file("copy.db"), keyOf(2)));
  CHECK(must(copy.one<int>("SELECT count(*) FROM note")) == 100);
  CHECK(must(findDamage(copy)).empty());
}

TEST_CASE("a backup replaces no file and is not taken inside a transaction") {
  test::ScratchFolder folder;
  Database database = filled(folder.file("store.db"), 1);
  writeFile(folder.file("precious.txt"), asBytes("keep me"));
  CHECK(codeOf(backup(database, folder.file("precious.txt"), keyOf(2))) == Error::Code::cannotOpen);
  CHECK(asText(fileBytes(folder.file("precious.txt"))) == "keep me");
  CHECK(codeOf(backup(database, folder.file("no folder/copy.db"), keyOf(2))) == Error::Code::cannotOpen);
  Transaction transaction = must(Transaction::begin(database));
  CHECK(codeOf(backup(database, folder.file("copy.db"), keyOf(2))) == Error::Code::misuse);
  CHECK_FALSE(std::filesystem::exists(folder.file("copy.db")));
}

TEST_CASE("a backup that fails at any write leaves nothing behind and the source whole") {
  test::ScratchFolder folder;
  Database database = filled(folder.file("store.db"), 20);
  uint64_t failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    test::FaultyVfs disk("copying");
    disk.fail({.call = test::FaultyVfs::Call::write, .nth = nth, .reason = test::FaultyVfs::Reason::fullDisk});
    auto copied = backup(database, folder.file("copy.db"), keyOf(2), {.vfs = disk.name()});
    if (!disk.struck()) {
      CHECK(copied.has_value());
      break;
    }
    ++failures;
    CAPTURE(nth, std::string(copied.has_value() ? "ok" : copied.error().text));
    CHECK(codeOf(copied) == Error::Code::full);
    CHECK_FALSE(std::filesystem::exists(folder.file("copy.db")));
    CHECK_FALSE(std::filesystem::exists(folder.file("copy.db-wal")));
  }
  CHECK(failures > 20);
  CHECK(must(findDamage(database)).empty());
}

TEST_CASE("a flipped bit is found with its page, and reading that page is an error") {
  test::ScratchFolder folder;
  filled(folder.file("store.db"), 200);
  Bytes whole = fileBytes(folder.file("store.db"));
  std::size_t pages = whole.size() / 4096;
  REQUIRE(pages > 10);
  for (std::size_t page = 2; page <= pages; ++page) {
    Bytes damaged = whole;
    damaged[(page - 1) * 4096 + (page * 997) % 4096] ^= 1;
    writeFile(folder.file("store.db"), damaged);
    auto database = Database::open(folder.file("store.db"), keyOf(1));
    INFO("page " << page);
    if (!database) {  // a page of the schema
      CHECK(database.error().code == Error::Code::corrupt);
      continue;
    }
    auto found = must(findDamage(*database));
    REQUIRE(found.size() == 1);
    CHECK(found[0] == "HMAC verification failed for page " + std::to_string(page));
    bool readable = database->one<int64_t>("SELECT sum(length(text)) FROM note").has_value() &&
                    database->one<int64_t>("SELECT sum(number) FROM twin").has_value();
    CHECK_FALSE(readable);
  }
}

TEST_CASE("a bit flipped in the first page looks like a wrong key") {
  test::ScratchFolder folder;
  filled(folder.file("store.db"), 1);
  Bytes damaged = fileBytes(folder.file("store.db"));
  damaged[100] ^= 1;
  writeFile(folder.file("store.db"), damaged);
  CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(1))) == Error::Code::wrongKey);
}

TEST_CASE("a file cut short is damaged, by name") {
  test::ScratchFolder folder;
  filled(folder.file("store.db"), 100);
  std::filesystem::resize_file(folder.file("store.db"), 5 * 4096 + 100);
  auto database = Database::open(folder.file("store.db"), keyOf(1));
  CHECK(codeOf(database) == Error::Code::corrupt);
}

TEST_CASE("a sound database has nothing to report, with or without a log") {
  test::ScratchFolder folder;
  Database database = filled(folder.file("store.db"), 50);
  CHECK(must(findDamage(database)).empty());
  CHECK(must(findDamage(database)).empty());
}

TEST_CASE("the search for damage needs the log to itself") {
  test::ScratchFolder folder;
  filled(folder.file("store.db"), 1);
  Database database = must(Database::open(folder.file("store.db"), keyOf(1), {.busyTimeoutMs = 20}));
  Database reader = must(Database::open(folder.file("store.db"), keyOf(1), {.access = Access::readOnly}));
  CHECK(codeOf(findDamage(reader)) == Error::Code::readOnly);
  {
    Transaction view = must(Transaction::begin(reader, Transaction::Kind::read));
    must(reader.one<int>("SELECT count(*) FROM note"));
    must(addNote(database, 2));
    CHECK(codeOf(findDamage(database)) == Error::Code::busy);
  }
  {
    Transaction transaction = must(Transaction::begin(database));
    CHECK(codeOf(findDamage(database)) == Error::Code::misuse);
  }
  CHECK(must(findDamage(database)).empty());
}

}  // namespace
}  // namespace qpq::sql
