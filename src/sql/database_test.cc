#include "sql/database.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "sql/connection.h"
#include "sql/fixture_test.h"
#include "support/faulty_vfs.h"

namespace qpq::sql {
namespace {

constexpr std::string_view kCanary = "the canary sings at midnight";

bool holds(ByteView bytes, std::string_view text) { return asText(bytes).contains(text); }

mode_t modeOf(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

TEST_CASE("a database opens again with its key and holds what was written") {
  test::ScratchFolder folder;
  {
    Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
    createNotes(database);
    must(addNote(database, 7, {1, 2, 3}));
  }
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  CHECK(must(database.one<Bytes>("SELECT text FROM note WHERE number = ?", 7)) == Bytes{1, 2, 3});
}

TEST_CASE("another key is refused by name, and the file is untouched") {
  test::ScratchFolder folder;
  must(Database::open(folder.file("store.db"), keyOf(1)));
  Bytes before = fileBytes(folder.file("store.db"));
  for (uint8_t other : Bytes{0, 2, 255}) {
    CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(other))) == Error::Code::wrongKey);
  }
  Key oneBitOff = keyOf(1);
  oneBitOff.writable()[31] ^= 1;
  CHECK(codeOf(Database::open(folder.file("store.db"), oneBitOff)) == Error::Code::wrongKey);
  CHECK(fileBytes(folder.file("store.db")) == before);
  CHECK(Database::open(folder.file("store.db"), keyOf(1)).has_value());
}

TEST_CASE("another key tried after a crash costs nothing of what the log holds") {
  test::ScratchFolder folder;
  test::FaultyVfs disk("crashed");
  {
    Database database = must(Database::open(folder.file("store.db"), keyOf(1), {.vfs = disk.name()}));
    createNotes(database);
    for (uint64_t number = 1; number <= 20; ++number) must(addNote(database, number));
    disk.cutPower();
  }
  disk.restorePower(test::FaultyVfs::Unsynced::lost);
  REQUIRE(fileBytes(folder.file("store.db-wal")).size() > 20 * 4096);
  CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(2))) == Error::Code::wrongKey);
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  CHECK(must(database.one<int>("SELECT count(*) FROM note")) == 20);
}

TEST_CASE("a file that is no encrypted database is refused by name") {
  test::ScratchFolder folder;
  sqlite3* plain = nullptr;
  REQUIRE(sqlite3_open(folder.file("plain.db").c_str(), &plain) == SQLITE_OK);
  REQUIRE(sqlite3_exec(plain, "CREATE TABLE t (a); INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(plain);
  writeFile(folder.file("text.db"), asBytes("to whom it may concern"));
  writeFile(folder.file("zeros.db"), Bytes(8192));
  for (const char* name : {"plain.db", "text.db", "zeros.db"}) {
    INFO(name);
    Bytes before = fileBytes(folder.file(name));
    CHECK(codeOf(Database::open(folder.file(name), keyOf(1))) == Error::Code::wrongKey);
    CHECK(fileBytes(folder.file(name)) == before);
  }
}

TEST_CASE("nothing written can be read in the file or its log") {
  test::ScratchFolder folder;
  {
    Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
    must(database.execute("CREATE TABLE canary_table (song TEXT, wings BLOB) STRICT"));
    for (int i = 0; i < 50; ++i)
      must(database.execute("INSERT INTO canary_table VALUES (?, ?)", kCanary, asBytes(kCanary)));
    // Only the log is read while the file is open: closing any descriptor of the file itself would drop its locks.
    Bytes log = fileBytes(folder.file("store.db-wal"));
    REQUIRE(log.size() > 4096);
    CHECK_FALSE(holds(log, kCanary));
    CHECK_FALSE(holds(log, "canary_table"));
    CHECK_FALSE(holds(fileBytes(folder.file("store.db-shm")), "canary"));
  }
  CHECK_FALSE(std::filesystem::exists(folder.file("store.db-wal")));
  Bytes file = fileBytes(folder.file("store.db"));
  REQUIRE(file.size() > 4096);
  CHECK_FALSE(holds(file, kCanary));
  CHECK_FALSE(holds(file, "canary_table"));
  CHECK_FALSE(holds(file, "SQLite format"));
}

TEST_CASE("files are made for their owner alone, whatever the umask") {
  test::ScratchFolder folder;
  mode_t umaskBefore = ::umask(0);
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  createNotes(database);
  ::umask(umaskBefore);
  CHECK(modeOf(folder.file("store.db")) == 0600);
  CHECK(modeOf(folder.file("store.db-wal")) == 0600);
  CHECK(modeOf(folder.file("store.db-shm")) == 0600);
}

TEST_CASE("the mode of a file that exists is its owner's choice") {
  test::ScratchFolder folder;
  must(Database::open(folder.file("store.db"), keyOf(1)));
  REQUIRE(::chmod(folder.file("store.db").c_str(), 0640) == 0);
  must(Database::open(folder.file("store.db"), keyOf(1)));
  CHECK(modeOf(folder.file("store.db")) == 0640);
}

TEST_CASE("every connection is set up the careful way") {
  test::ScratchFolder folder;
  Database database = must(Database::open(folder.file("store.db"), keyOf(1), {.cacheKiBMax = 1234}));
  CHECK(must(database.connection().ask("PRAGMA journal_mode")) == "wal");
  CHECK(must(database.one<int>("PRAGMA synchronous")) == 2);
  CHECK(must(database.one<int>("PRAGMA foreign_keys")) == 1);
  CHECK(must(database.one<int>("PRAGMA secure_delete")) == 1);
  CHECK(must(database.one<int>("PRAGMA trusted_schema")) == 0);
  CHECK(must(database.one<int>("PRAGMA temp_store")) == 2);
  CHECK(must(database.one<int>("PRAGMA cache_size")) == -1234);
  CHECK(must(database.one<int>("PRAGMA busy_timeout")) == 5000);
  CHECK(must(database.one<std::string>("PRAGMA cipher_log_level")) == "NONE");
  CHECK(must(database.connection().ask("PRAGMA journal_mode = OFF")) == "wal");
  CHECK(codeOf(database.one<std::string>("SELECT \"a name, not a string\"")) == Error::Code::misuse);
  Database cache = must(Database::open(folder.file("cache.db"), keyOf(1), {.durability = Durability::normal}));
  CHECK(must(cache.one<int>("PRAGMA synchronous")) == 1);
}

TEST_CASE("a path that would keep nothing is misuse") {
  for (const std::string& path : {std::string(), std::string(":memory:"), std::string("a\0b", 3)}) {
    CHECK(codeOf(Database::open(path, keyOf(1))) == Error::Code::misuse);
  }
}

TEST_CASE("a path that cannot be opened is named with its cause") {
  test::ScratchFolder folder;
  auto missing = Database::open(folder.file("no such folder/store.db"), keyOf(1));
  CHECK(codeOf(missing) == Error::Code::cannotOpen);
  CHECK(missing.error().text.contains("no such folder/store.db"));
  CHECK(missing.error().text.contains("No such file or directory"));
  std::filesystem::create_directory(folder.file("folder.db"));
  CHECK(codeOf(Database::open(folder.file("folder.db"), keyOf(1))) == Error::Code::cannotOpen);
  CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(1), {.vfs = "unheard-of"})) == Error::Code::misuse);
}

TEST_CASE("a read-only connection reads beside the writer and cannot write") {
  test::ScratchFolder folder;
  Database writer = must(Database::open(folder.file("store.db"), keyOf(1)));
  createNotes(writer);
  Database reader = must(Database::open(folder.file("store.db"), keyOf(1), {.access = Access::readOnly}));
  must(addNote(writer, 1));
  CHECK(must(reader.one<int>("SELECT count(*) FROM note")) == 1);
  CHECK(codeOf(reader.execute("DELETE FROM note")) == Error::Code::readOnly);
  Transaction transaction = must(Transaction::begin(reader));
  CHECK(codeOf(reader.execute("DELETE FROM note")) == Error::Code::readOnly);
  CHECK(must(writer.one<int>("SELECT count(*) FROM note")) == 1);
}

TEST_CASE("a read-only connection makes no file and wants the right key") {
  test::ScratchFolder folder;
  CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(1), {.access = Access::readOnly})) ==
        Error::Code::cannotOpen);
  CHECK_FALSE(std::filesystem::exists(folder.file("store.db")));
  must(Database::open(folder.file("store.db"), keyOf(1)));
  CHECK(Database::open(folder.file("store.db"), keyOf(1), {.access = Access::readOnly}).has_value());
  CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(2), {.access = Access::readOnly})) ==
        Error::Code::wrongKey);
}

TEST_CASE("an exclusive connection shuts others out and needs no shared memory") {
  test::ScratchFolder folder;
  Options options{.locking = Locking::exclusive, .busyTimeoutMs = 0};
  {
    Database database = must(Database::open(folder.file("store.db"), keyOf(1), options));
    createNotes(database);
    CHECK_FALSE(std::filesystem::exists(folder.file("store.db-shm")));
    CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(1), {.busyTimeoutMs = 0})) == Error::Code::busy);
    CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(1), options)) == Error::Code::busy);
  }
  CHECK(Database::open(folder.file("store.db"), keyOf(1)).has_value());
}

TEST_CASE("a second writer is told that the database is in use, and goes on later") {
  test::ScratchFolder folder;
  Database first = must(Database::open(folder.file("store.db"), keyOf(1)));
  Database second = must(Database::open(folder.file("store.db"), keyOf(1), {.busyTimeoutMs = 20}));
  createNotes(first);
  {
    Transaction held = must(Transaction::begin(first));
    CHECK(codeOf(Transaction::begin(second)) == Error::Code::busy);
    CHECK(codeOf(second.execute("INSERT INTO twin VALUES (1)")) == Error::Code::busy);
    CHECK(must(second.one<int>("SELECT count(*) FROM note")) == 0);  // readers are never in the way
  }
  CHECK(addNote(second, 1).has_value());
}

TEST_CASE("readers beside a writer see whole transactions only") {
  test::ScratchFolder folder;
  Database writer = must(Database::open(folder.file("store.db"), keyOf(1), {.durability = Durability::normal}));
  createNotes(writer);
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0, errors = 0, reads = 0;
  auto read = [&] {
    auto reader = Database::open(folder.file("store.db"), keyOf(1), {.access = Access::readOnly});
    if (!reader) ++errors;
    do {
      auto counts = reader->one<int, int>("SELECT (SELECT count(*) FROM note), (SELECT count(*) FROM twin)");
      if (!counts || !*counts) {
        ++errors;
      } else if (std::get<0>(**counts) != std::get<1>(**counts)) {
        ++torn;
      }
      ++reads;
    } while (!done);
  };
  {
    std::jthread one(read), two(read);
    for (uint64_t number = 1; number <= 300; ++number) must(addNote(writer, number, Bytes(500)));
    done = true;
  }
  CHECK(torn == 0);
  CHECK(errors == 0);
  CHECK(reads >= 2);
}

TEST_CASE("an error tells neither key nor value") {
  test::ScratchFolder folder;
  must(Database::open(folder.file("store.db"), keyOf(1)));
  Error refused = Database::open(folder.file("store.db"), keyOf(0x30)).error();
  CHECK_FALSE(refused.text.contains("303132"));
  CHECK_FALSE(refused.text.contains("0123456"));

  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  must(database.execute("CREATE TABLE account (name TEXT NOT NULL UNIQUE, age INTEGER CHECK (age < 200)) STRICT"));
  must(database.execute("INSERT INTO account VALUES (?, 1)", kCanary));
  Error taken = database.execute("INSERT INTO account VALUES (?, 1)", kCanary).error();
  CHECK(taken.code == Error::Code::unique);
  CHECK(taken.sqliteCode == SQLITE_CONSTRAINT_UNIQUE);
  CHECK(taken.text ==
        "the row exists already: UNIQUE constraint failed: account.name (INSERT INTO account VALUES (?, 1))");
  Error old = database.execute("INSERT INTO account VALUES (?, ?)", std::string(kCanary) + "!", 200).error();
  CHECK(old.code == Error::Code::constraint);
  CHECK_FALSE(old.text.contains(kCanary));

  // Full-text search quotes the words it does not understand in SQLite's own message.
  must(database.execute("CREATE VIRTUAL TABLE search USING fts5 (text)"));
  Error unclear = database.one<int>("SELECT count(*) FROM search WHERE search MATCH ?", "secretword:x").error();
  CHECK_FALSE(unclear.text.contains("secretword"));
}

TEST_CASE("a database that moves keeps its statements") {
  Database first = must(Database::inMemory());
  createNotes(first);
  must(addNote(first, 1));
  Database second = std::move(first);
  must(addNote(second, 2));
  CHECK(must(second.one<int>("SELECT count(*) FROM note")) == 2);
}

TEST_CASE("a database in memory has the same rules") {
  Database database = must(Database::inMemory());
  CHECK(must(database.one<int>("PRAGMA foreign_keys")) == 1);
  CHECK(must(database.connection().ask("PRAGMA journal_mode")) == "memory");
}

// Run by the test below, in a process of its own into which the plain library was put first.
TEST_CASE("no database opens when another SQLite is in the process", "[.]") {
  REQUIRE(sqlite3_compileoption_used("HAS_CODEC") == 0);
  test::ScratchFolder folder;
  CHECK(codeOf(Database::open(folder.file("store.db"), keyOf(1))) == Error::Code::notEncrypted);
  CHECK_FALSE(std::filesystem::exists(folder.file("store.db")));
}

TEST_CASE("a plain SQLite that was loaded first is noticed before a byte is written") {
  const char* plain = "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0";
  if (!std::filesystem::exists(plain)) SKIP("no libsqlite3 on this machine");
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string command = std::string("LD_PRELOAD=") + plain + " '" + self +
                        "' 'no database opens when another SQLite is in the process' >/dev/null";
  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace
}  // namespace qpq::sql
