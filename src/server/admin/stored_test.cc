#include "server/admin/stored.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "server/store/sqlite/open.h"
#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

struct Copied {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  std::string path = world.folder.file("server.db");
  StorePlace place{path, world.files().folder()};
  std::string copy = world.folder.file("copy.db");

  const sql::Key& key() { return world.databaseKey(); }
  // Who the server is, as its own keys say.
  Incarnation incarnationOf(const std::string& file) {
    auto opened = store::sqlite::open(file, key());
    REQUIRE(opened);
    return ServerKeys::open(*opened->write, world.random, world.clock.now()).value().incarnation();
  }
};

// One byte in the middle of the file, as a disk would lose it.
void flip(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
  file.put('\x55');
}

}  // namespace

TEST_CASE("a backup of a running server is the whole of it, and no file is replaced") {
  Copied scene;
  auto backedUp = backUp(scene.place, scene.key(), scene.copy);
  INFO(backedUp.text);
  REQUIRE(backedUp.exit == 0);
  auto verified = verifyStore(copyAt(scene.copy), scene.key(), Beside::nobody);
  CHECK(verified.exit == 0);
  CHECK(verified.text == "1 accounts, 1 devices, 0 logs, 0 entries, 0 files: sound\n");
  CHECK(backUp(scene.place, scene.key(), scene.copy).exit == 1);
  CHECK(!std::filesystem::exists(scene.copy + ".part"));
  CHECK(backUp(scene.place, scene.key(), scene.world.folder.file("no/such/folder")).exit == 1);
  CHECK((std::filesystem::status(scene.copy).permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
}

TEST_CASE("a restored store is the same server in another incarnation") {
  Copied scene;
  Incarnation before = scene.world.keys().incarnation();
  auto identity = scene.world.keys().identity();
  REQUIRE(backUp(scene.place, scene.key(), scene.copy).exit == 0);
  scene.world.register_("bob");
  scene.world.close();

  CHECK(restore(scene.copy, scene.place, scene.key(), {Replace::no, kRefillWindowMs}, scene.world.random).exit == 1);
  CHECK(scene.incarnationOf(scene.path) == before);
  auto restored = restore(scene.copy, scene.place, scene.key(), {Replace::yes, kRefillWindowMs}, scene.world.random);
  INFO(restored.text);
  REQUIRE(restored.exit == 0);
  CHECK(scene.incarnationOf(scene.path) != before);
  CHECK(verifyStore(scene.place, scene.key(), Beside::nobody).text.starts_with("1 accounts"));
  // What was there is kept whole.
  CHECK(verifyStore(copyAt(scene.path + ".replaced"), scene.key(), Beside::nobody).text.starts_with("2 accounts"));
  CHECK(scene.incarnationOf(scene.copy) == before);
  auto opened = store::sqlite::open(scene.path, scene.key());
  CHECK(ServerKeys::open(*opened->write, scene.world.random, {}).value().identity() == identity);
}

TEST_CASE("a damaged store is named, and neither copied nor restored") {
  Copied scene;
  REQUIRE(backUp(scene.place, scene.key(), scene.copy).exit == 0);
  scene.world.close();
  flip(scene.copy);
  auto verified = verifyStore(copyAt(scene.copy), scene.key(), Beside::nobody);
  CHECK(verified.exit == 1);
  CHECK(verified.text.contains("DAMAGED"));
  auto again = scene.world.folder.file("again.db");
  CHECK(backUp(copyAt(scene.copy), scene.key(), again).exit == 1);
  CHECK(!std::filesystem::exists(again));
  CHECK(restore(scene.copy, scene.place, scene.key(), {Replace::yes, kRefillWindowMs}, scene.world.random).exit == 1);
  CHECK(verifyStore(scene.place, scene.key(), Beside::nobody).exit == 0);
}

TEST_CASE("a damaged store is replaced by a sound backup") {
  Copied scene;
  REQUIRE(backUp(scene.place, scene.key(), scene.copy).exit == 0);
  scene.world.close();
  for (const char* ending : {"", "-wal"}) std::ofstream(scene.path + ending) << std::string(8'192, 'x');
  REQUIRE(restore(scene.copy, scene.place, scene.key(), {Replace::yes, kRefillWindowMs}, scene.world.random).exit == 0);
  // The log of the old store is none of the new one's.
  CHECK(!std::filesystem::exists(scene.path + "-wal"));
  CHECK(verifyStore(scene.place, scene.key(), Beside::nobody).exit == 0);
}

TEST_CASE("the log of a store that cannot be opened goes aside with it") {
  test::ScratchFolder folder;
  auto path = folder.file("crashed.db");
  auto otherKey = [&]() {
    Copied other;
    for (const char* ending : {"", "-wal"}) std::filesystem::copy_file(other.path + ending, path + ending);
    return other.key().clone();
  }();
  Copied scene;
  REQUIRE(backUp(scene.place, scene.key(), scene.copy).exit == 0);
  StorePlace place{path, folder.file("blobs")};
  REQUIRE(restore(scene.copy, place, scene.key(), {Replace::yes, kRefillWindowMs}, scene.world.random).exit == 0);
  CHECK(!std::filesystem::exists(path + "-wal"));
  CHECK(verifyStore(place, scene.key(), Beside::nobody).exit == 0);
  CHECK(verifyStore(copyAt(path + ".replaced"), otherKey, Beside::nobody).text.starts_with("1 accounts"));
}

TEST_CASE("a wrong key opens nothing and changes nothing") {
  Copied scene;
  scene.world.close();
  auto wrong = scene.world.random.secret<32>();
  CHECK(verifyStore(scene.place, wrong, Beside::nobody).exit == 1);
  CHECK(backUp(scene.place, wrong, scene.copy).exit == 1);
  CHECK(!std::filesystem::exists(scene.copy));
  CHECK(verifyStore(scene.place, scene.key(), Beside::nobody).exit == 0);
}

TEST_CASE("damage in the log of a killed store is told: nothing is served, copied or forgotten") {
  Copied scene;
  for (int i = 0; i < 5; ++i) scene.world.register_("someone-" + std::to_string(i));
  auto path = scene.world.folder.file("killed.db");
  StorePlace place{path, scene.world.folder.file("killed.blobs")};
  for (const char* ending : {"", "-wal"}) std::filesystem::copy_file(scene.path + ending, path + ending);
  flip(path + "-wal");
  auto size = std::filesystem::file_size(path + "-wal");

  auto verified = verifyStore(place, scene.key(), Beside::nobody);
  CHECK(verified.exit == 1);
  CHECK(verified.text.contains("killed.db-wal is damaged"));
  CHECK(store::sqlite::open(path, scene.key()).error().code == sql::Error::Code::corrupt);
  CHECK(backUp(place, scene.key(), scene.copy, Beside::nobody).exit == 1);
  CHECK(!std::filesystem::exists(scene.copy));
  CHECK(std::filesystem::file_size(path + "-wal") == size);

  REQUIRE(backUp(scene.place, scene.key(), scene.copy).exit == 0);
  REQUIRE(restore(scene.copy, place, scene.key(), {Replace::yes, kRefillWindowMs}, scene.world.random).exit == 0);
  CHECK(verifyStore(place, scene.key(), Beside::nobody).exit == 0);
  CHECK(std::filesystem::file_size(path + ".replaced-wal") == size);
}
