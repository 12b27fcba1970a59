#include "sql/transaction.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sql/backup.h"
#include "sql/fixture_test.h"
#include "support/faulty_vfs.h"

namespace qpq::sql {
namespace {

int notes(Database& database) { return must(database.one<int>("SELECT count(*) FROM note")).value(); }

TEST_CASE("a transaction is kept when committed and gone otherwise") {
  Database database = must(Database::inMemory());
  createNotes(database);
  {
    Transaction transaction = must(Transaction::begin(database));
    must(database.execute("INSERT INTO note VALUES (1, x'')"));
    Transaction moved = std::move(transaction);
    must(moved.commit());
    CHECK(codeOf(moved.commit()) == Error::Code::misuse);
  }
  {
    Transaction transaction = must(Transaction::begin(database));
    must(database.execute("INSERT INTO note VALUES (2, x'')"));
    CHECK(notes(database) == 2);
  }
  CHECK(notes(database) == 1);
}

TEST_CASE("a transaction inside a transaction is misuse and disturbs nothing") {
  Database database = must(Database::inMemory());
  createNotes(database);
  Transaction outer = must(Transaction::begin(database));
  must(database.execute("INSERT INTO note VALUES (1, x'')"));
  CHECK(codeOf(Transaction::begin(database)) == Error::Code::misuse);
  CHECK(codeOf(Transaction::begin(database, Transaction::Kind::read)) == Error::Code::misuse);
  must(outer.commit());
  CHECK(notes(database) == 1);
}

TEST_CASE("a read transaction sees one moment and cannot write") {
  test::ScratchFolder folder;
  Database writer = must(Database::open(folder.file("store.db"), keyOf(1)));
  createNotes(writer);
  Database reader = must(Database::open(folder.file("store.db"), keyOf(1)));
  {
    Transaction view = must(Transaction::begin(reader, Transaction::Kind::read));
    CHECK(notes(reader) == 0);
    must(addNote(writer, 1));
    CHECK(notes(reader) == 0);
    CHECK(codeOf(reader.execute("INSERT INTO twin VALUES (9)")) == Error::Code::misuse);
    must(view.commit());
  }
  CHECK(notes(reader) == 1);
}

TEST_CASE("a broken constraint undoes its statement and leaves the transaction") {
  Database database = must(Database::inMemory());
  createNotes(database);
  must(database.execute("CREATE TABLE child (parent INTEGER NOT NULL REFERENCES twin (number)) STRICT"));
  Transaction transaction = must(Transaction::begin(database));
  must(database.execute("INSERT INTO twin VALUES (1)"));
  CHECK(codeOf(database.execute("INSERT INTO twin VALUES (1)")) == Error::Code::unique);
  CHECK(codeOf(database.execute("INSERT INTO child VALUES (5)")) == Error::Code::constraint);
  CHECK(codeOf(database.execute("INSERT INTO child VALUES (NULL)")) == Error::Code::constraint);
  must(database.execute("INSERT INTO child VALUES (1)"));
  must(transaction.commit());
  CHECK(must(database.one<int>("SELECT count(*) FROM child")) == 1);
}

TEST_CASE("a transaction with rows still to read does not commit") {
  Database database = must(Database::inMemory());
  createNotes(database);
  for (uint64_t number : {1u, 2u}) must(addNote(database, number));
  Transaction transaction = must(Transaction::begin(database));
  {
    Rows rows = must(database.query("DELETE FROM note RETURNING number"));
    REQUIRE(must(rows.next()));
    CHECK(codeOf(transaction.commit()) == Error::Code::misuse);
  }
  must(transaction.commit());
  CHECK(notes(database) == 0);
}

TEST_CASE("rows read across a rollback end with an error") {
  test::ScratchFolder folder;
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  createNotes(database);
  for (uint64_t number : {1u, 2u, 3u}) must(addNote(database, number));
  std::optional<Transaction> transaction(must(Transaction::begin(database)));
  must(database.execute("CREATE TABLE other (a INTEGER) STRICT"));
  Rows rows = must(database.query("SELECT number FROM note"));
  REQUIRE(must(rows.next()));
  transaction.reset();
  CHECK(codeOf(rows.next()) == Error::Code::rolledBack);
}

TEST_CASE("a full database says so, keeps what was committed and works again with room") {
  test::ScratchFolder folder;
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  createNotes(database);
  must(database.one<int>("PRAGMA max_page_count = 60"));
  int kept = 0;
  Result<void> added;
  while (kept < 1000 && (added = addNote(database, static_cast<uint64_t>(kept), Bytes(10'000)))) ++kept;
  CHECK(codeOf(added) == Error::Code::full);
  CHECK(kept > 5);
  CHECK(notes(database) == kept);
  CHECK(must(database.one<int>("SELECT count(*) FROM twin")) == kept);
  must(database.execute("DELETE FROM note WHERE number = 0"));
  CHECK(addNote(database, 5000, Bytes(5'000)).has_value());
}

TEST_CASE("after an error that ends the transaction no later statement becomes durable alone") {
  test::ScratchFolder folder;
  test::FaultyVfs disk("spilling");
  // So small a cache writes pages to the log in the middle of a transaction.
  Options options{.cacheKiBMax = 40, .vfs = disk.name()};
  Database database = must(Database::open(folder.file("store.db"), keyOf(1), options));
  createNotes(database);
  must(addNote(database, 1));

  Transaction transaction = must(Transaction::begin(database));
  disk.fail({.call = test::FaultyVfs::Call::write,
             .nth = 5,
             .then = test::FaultyVfs::Then::works,
             .reason = test::FaultyVfs::Reason::fullDisk});
  Result<uint64_t> added;
  for (int number = 2; number < 200 && added; ++number) {
    added = database.execute("INSERT INTO note VALUES (?, ?)", number, Bytes(20'000));
  }
  CHECK(codeOf(added) == Error::Code::full);
  CHECK(codeOf(database.execute("INSERT INTO twin VALUES (77)")) == Error::Code::rolledBack);
  CHECK(codeOf(database.one<int>("SELECT count(*) FROM twin")) == Error::Code::rolledBack);
  CHECK(codeOf(database.one<int>("DELETE FROM twin RETURNING number")) == Error::Code::rolledBack);
  CHECK(codeOf(transaction.commit()) == Error::Code::rolledBack);

  CHECK(notes(database) == 1);
  CHECK(must(database.one<int>("SELECT count(*) FROM twin WHERE number = 77")) == 0);
  CHECK(addNote(database, 2).has_value());
}

TEST_CASE("a commit that cannot be synced is an error, and this process no longer sees it") {
  test::ScratchFolder folder;
  test::FaultyVfs disk("unsynced");
  Database database = must(Database::open(folder.file("store.db"), keyOf(1), {.vfs = disk.name()}));
  createNotes(database);
  must(addNote(database, 1));
  disk.fail({.call = test::FaultyVfs::Call::sync, .nth = 1});
  auto failed = addNote(database, 2);
  CHECK(codeOf(failed) == Error::Code::io);
  CHECK(disk.struck());
  CHECK(notes(database) == 1);
  CHECK(addNote(database, 3).has_value());
  CHECK(must(database.one<int>("SELECT max(number) FROM note")) == 3);
}

TEST_CASE("a commit whose sync failed may be found after a crash: its outcome was unknown") {
  test::ScratchFolder folder;
  for (auto unsynced : {test::FaultyVfs::Unsynced::lost, test::FaultyVfs::Unsynced::kept}) {
    test::FaultyVfs disk("unknown");
    std::string path = folder.file(unsynced == test::FaultyVfs::Unsynced::lost ? "lost.db" : "kept.db");
    {
      Database database = must(Database::open(path, keyOf(1), {.vfs = disk.name()}));
      createNotes(database);
      must(addNote(database, 1));
      disk.fail({.call = test::FaultyVfs::Call::sync, .nth = 1});
      CHECK(codeOf(addNote(database, 2)) == Error::Code::io);
      disk.cutPower();
    }
    disk.restorePower(unsynced);
    Database database = must(Database::open(path, keyOf(1)));
    CHECK(notes(database) == (unsynced == test::FaultyVfs::Unsynced::lost ? 1 : 2));
    CHECK(must(database.one<int>("SELECT count(*) FROM twin")) == notes(database));
  }
}

TEST_CASE("a file the system refuses to let grow is a typed error, and nothing committed is lost") {
  test::ScratchFolder folder;
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  createNotes(database);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight{.rlim_cur = 300'000, .rlim_max = before.rlim_max};
  int kept = 0;
  Result<void> added;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
  while (kept < 1000 && (added = addNote(database, static_cast<uint64_t>(kept), Bytes(10'000)))) ++kept;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(codeOf(added) == Error::Code::io);
  CHECK(added.error().text.contains("File too large"));
  CHECK(kept > 5);
  CHECK(notes(database) == kept);
  CHECK(addNote(database, 5000).has_value());
}

// Writes notes for ever and reports each committed number; killed by the parent.
[[noreturn]] void writeUntilKilled(const std::string& path, int report) {
  auto database = Database::open(path, keyOf(1));
  for (uint64_t number = 1; database; ++number) {
    if (!addNote(*database, number, Bytes(2'000))) break;
    if (::write(report, &number, sizeof number) != sizeof number) break;
  }
  ::_exit(1);
}

TEST_CASE("what a killed process had committed is there, whole, and nothing by half") {
  for (uint64_t acknowledged : {1u, 2u, 17u, 60u, 150u}) {
    test::ScratchFolder folder;
    {
      Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
      createNotes(database);
    }
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_t child = ::fork();
    if (child == 0) writeUntilKilled(folder.file("store.db"), ends[1]);
    REQUIRE(child > 0);
    ::close(ends[1]);
    uint64_t last = 0;
    while (last < acknowledged && ::read(ends[0], &last, sizeof last) == sizeof last) {}
    REQUIRE(::kill(child, SIGKILL) == 0);
    while (::read(ends[0], &last, sizeof last) == sizeof last) {  // what it still said before it died
    }
    ::close(ends[0]);
    REQUIRE(::waitpid(child, nullptr, 0) == child);

    Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
    CHECK(last >= acknowledged);
    CHECK(static_cast<uint64_t>(notes(database)) >= last);
    CHECK(static_cast<uint64_t>(notes(database)) <= last + 1);
    CHECK(must(database.one<int>("SELECT count(*) FROM twin")) == notes(database));
    CHECK(must(database.one<uint64_t>("SELECT max(number) FROM note")) == static_cast<uint64_t>(notes(database)));
    CHECK(must(findDamage(database)).empty());
  }
}

}  // namespace
}  // namespace qpq::sql
