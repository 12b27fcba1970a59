#include "sql/log_damage.h"

#include <filesystem>

#include "sql/connection.h"
#include "sql/fixture_test.h"
#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::sql;

namespace {

constexpr std::size_t kHeader = 32, kFrame = 24 + 4096;

// The files of a database whose process was killed behind so many transactions of several frames each.
struct Killed {
  test::ScratchFolder folder;
  std::string path = folder.file("killed.db"), log = path + "-wal";
  std::vector<std::size_t> sizes;  // of the log behind each transaction

  explicit Killed(uint64_t transactions) {
    std::string live = folder.file("live.db");
    Database database = must(Database::open(live, keyOf(1)));
    createNotes(database);
    for (uint64_t number = 1; number <= transactions; ++number) {
      must(addNote(database, number, Bytes(9'000, 7)));
      sizes.push_back(fileBytes(live + "-wal").size());
    }
    writeFile(path, fileBytes(live));
    writeFile(log, fileBytes(live + "-wal"));
  }
  uint64_t notes() {
    Database database = must(Database::open(path, keyOf(1)));
    return must(database.one<uint64_t>("SELECT COUNT(*) FROM note")).value();
  }
  void flip(std::size_t byte, uint8_t bit = 1) {
    Bytes bytes = fileBytes(log);
    bytes.at(byte) ^= bit;
    writeFile(log, bytes);
  }
  void cut(std::size_t size) { std::filesystem::resize_file(log, size); }
};

}  // namespace

TEST_CASE("a log as a killed process leaves it is sound, and so is none") {
  Killed killed(5);
  REQUIRE(checkLog(killed.path));
  CHECK(killed.notes() == 5);
  CHECK(checkLog(killed.folder.file("other.db")));
  CHECK(checkLog(killed.path));
}

TEST_CASE(
    "a flipped bit anywhere before the last two transactions of a log is told with its frame, and changes nothing") {
  Killed killed(5);
  const Bytes sound = fileBytes(killed.log);
  test::SeededRandom random(3);
  std::size_t committed = killed.sizes[2];
  for (int i = 0; i < 300; ++i) {
    auto draw = random.bytes<4>();
    std::size_t byte = (std::size_t{draw[0]} << 16 | std::size_t{draw[1]} << 8 | draw[2]) % committed;
    killed.flip(byte, static_cast<uint8_t>(1 << draw[3] % 8));
    const Bytes damaged = fileBytes(killed.log);
    auto checked = checkLog(killed.path);
    INFO("byte " << byte);
    REQUIRE(codeOf(checked) == Error::Code::corrupt);
    bool isHeader = byte < kHeader;
    std::string where = isHeader ? "the header of" : "frame " + std::to_string((byte - kHeader) / kFrame + 1) + " of";
    CHECK(checked.error().text.contains(where));
    CHECK(fileBytes(killed.log) == damaged);
    writeFile(killed.log, sound);
  }
}

TEST_CASE("without the look a flipped bit would cost what was committed behind it") {
  Killed killed(5);
  killed.flip(killed.sizes[1] + 100);
  CHECK(killed.notes() == 2);
}

TEST_CASE("a log that ends anywhere, as a power cut leaves it, is sound") {
  Killed killed(3);
  for (std::size_t size = fileBytes(killed.log).size(); size > 1'000; size -= 999) {
    killed.cut(size);
    REQUIRE(checkLog(killed.path));
  }
  killed.cut(0);
  CHECK(checkLog(killed.path));
}

TEST_CASE("a last transaction whose pages reached the disk in any order is a torn one, not damage") {
  for (std::size_t lost = 0; lost < 3; ++lost) {
    Killed killed(3);
    Bytes bytes = fileBytes(killed.log);
    std::size_t page = killed.sizes[1] + lost * kFrame;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page), kFrame, uint8_t{0});
    writeFile(killed.log, bytes);
    CHECK(checkLog(killed.path));
    CHECK(killed.notes() == 2);
  }
}

TEST_CASE("what an earlier round of the log has left behind its end is no damage") {
  test::ScratchFolder folder;
  std::string path = folder.file("round.db");
  Database database = must(Database::open(path, keyOf(1)));
  createNotes(database);
  for (uint64_t number = 1; number <= 40; ++number) must(addNote(database, number, Bytes(9'000, 7)));
  must(database.connection().run("PRAGMA wal_checkpoint(RESTART)"));
  must(addNote(database, 41));
  must(addNote(database, 42));
  CHECK(checkLog(path));
}
