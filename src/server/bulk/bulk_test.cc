#include <catch2/catch_test_macros.hpp>

#include <filesystem>

#include "server/bulk/scene_test.h"
#include "wire/limits.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;
using wire::BulkVerdict;

namespace {

constexpr std::size_t kLarge = 3 * kBulkChunkSize + 17;

// Alice, bob and a log of both, with a line to the server for each.
struct Scene {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());
  BulkLine a{world, alice.device().entry(), 1};
  BulkLine b{world, bob.device().entry(), 2};
};

}  // namespace

TEST_CASE("what is uploaded lies under its hash, and the same again is there already") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, kLarge);
  auto stream = as<UploadStream>(scene.a.put(bytes));
  CHECK(stream.offset == 0);
  CHECK(scene.a.send(stream, bytes) == BulkVerdict::stored);
  CHECK(scene.world.files().read(crypto::sha256(bytes), kLarge).value() == bytes);
  CHECK(std::holds_alternative<AlreadyStored>(scene.a.put(bytes)));
  CHECK(scene.a.held() == store::Held{kLarge, 1});
  scene.a.hangUp();
  scene.b.hangUp();
  scene.world.restart();
  CHECK(scene.world.files().read(crypto::sha256(bytes), kLarge).value() == bytes);
}

TEST_CASE("an upload that is cut off goes on where it was, also after a restart and by another connection") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, kLarge);
  std::size_t part = 2 * kBulkChunkSize;
  CHECK_FALSE(scene.a.send(as<UploadStream>(scene.a.put(bytes)), ByteView(bytes).first(part)));
  scene.a.hangUp();
  scene.b.hangUp();
  scene.world.restart();
  BulkLine again(scene.world, scene.alice.device().entry(), 9);
  auto stream = as<UploadStream>(again.put(bytes));
  CHECK(stream.offset == part);
  CHECK(again.send(stream, ByteView(bytes).subspan(part)) == BulkVerdict::stored);
  CHECK(scene.world.files().read(crypto::sha256(bytes), kLarge).value() == bytes);
}

TEST_CASE("bytes of another hash are not kept, and neither is a byte too many") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, kLarge);
  Bytes other = bytes;
  other[kLarge - 1] ^= 1;
  CHECK(scene.a.send(as<UploadStream>(scene.a.put(bytes)), other) == BulkVerdict::wrongHash);
  CHECK(scene.a.held() == store::Held());
  CHECK_FALSE(std::filesystem::exists(scene.world.files().pathOf(crypto::sha256(other))));

  Bytes longer = concat({bytes, Bytes(1, 7)});
  auto stream = as<UploadStream>(scene.a.put(bytes));
  CHECK(stream.offset == 0);
  CHECK(scene.a.send(stream, longer) == BulkVerdict::wrongLength);
  CHECK_FALSE(std::filesystem::exists(scene.world.files().pathOf(crypto::sha256(bytes))));
}

TEST_CASE("a ticket is good once, on its own connection, and for half a minute") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, 1'000);
  auto stream = as<UploadStream>(scene.a.put(bytes));
  SECTION("not on another connection") {
    CHECK_FALSE(scene.b.send(stream, bytes));
    CHECK(scene.a.send(stream, bytes) == BulkVerdict::stored);
  }
  SECTION("not twice") {
    CHECK(scene.a.send(stream, bytes) == BulkVerdict::stored);
    CHECK_FALSE(scene.a.send(stream, bytes));
  }
  SECTION("not late") {
    scene.world.move(kBulkTicketLifeMs);
    CHECK_FALSE(scene.a.send(stream, bytes));
  }
  SECTION("and not a made-up one") { CHECK_FALSE(scene.a.send({{}, 0}, bytes)); }
}

TEST_CASE("a connection has so many tickets, and gets others as they end") {
  Scene scene;
  for (std::size_t i = 0; i < kBulkTicketsPerConnectionMax; ++i) {
    as<UploadStream>(scene.a.put(randomBytes(scene.world, 100)));
  }
  Bytes more = randomBytes(scene.world, 100);
  CHECK(as<TooOften>(scene.a.put(more)).afterMs == kBulkTicketLifeMs);
  as<UploadStream>(scene.b.put(more));
  scene.world.move(kBulkTicketLifeMs);
  as<UploadStream>(scene.a.put(more));
}

TEST_CASE("a stream on which nothing moves is ended, and what has arrived is kept") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, kLarge);
  auto stalled = scene.a.begin(as<UploadStream>(scene.a.put(bytes)), ByteView(bytes).first(kBulkChunkSize + 1));
  scene.world.settle();
  // Nobody else may write the same upload meanwhile.
  CHECK(scene.a.send(as<UploadStream>(scene.a.put(bytes)), ByteView(bytes).subspan(kBulkChunkSize)) ==
        BulkVerdict::again);
  scene.world.move(kBulkStallMs);
  CHECK_FALSE(scene.a.verdictOf(stalled));
  auto stream = as<UploadStream>(scene.a.put(bytes));
  CHECK(stream.offset == kBulkChunkSize);
  CHECK(scene.a.send(stream, ByteView(bytes).subspan(kBulkChunkSize)) == BulkVerdict::stored);
}

TEST_CASE("a connection has so many streams at work") {
  Scene scene;
  std::vector<BulkLine::Begun> begun;
  for (std::size_t i = 0; i < kBulkStreamsPerConnectionMax; ++i) {
    Bytes bytes = randomBytes(scene.world, 1'000);
    begun.push_back(scene.a.begin(as<UploadStream>(scene.a.put(bytes)), ByteView(bytes).first(10)));
  }
  Bytes bytes = randomBytes(scene.world, 1'000);
  auto stream = as<UploadStream>(scene.a.put(bytes));
  CHECK_FALSE(scene.a.send(stream, bytes));
  begun.clear();
  scene.world.settle();
  CHECK(scene.a.send(stream, bytes) == BulkVerdict::stored);
}

TEST_CASE("a revoked device's transfer ends with its session") {
  Scene scene;
  const TestDevice& phone = scene.world.enrol(scene.alice);
  BulkLine line(scene.world, phone.entry(), 3);
  Bytes bytes = randomBytes(scene.world, kLarge);
  auto begun = line.begin(as<UploadStream>(line.put(bytes)), ByteView(bytes).first(100));
  scene.world.revoke(scene.alice, 1);
  CHECK_FALSE(line.goOn(begun, ByteView(bytes).subspan(100)));
  CHECK_FALSE(std::filesystem::exists(scene.world.files().pathOf(crypto::sha256(bytes))));
}

TEST_CASE("an account holds so many bytes as blobs, at the limit, above and far above") {
  Scene scene;
  uint64_t limit = scene.world.services().bulk.blobBytesMax();
  Uploaded half{crypto::sha256(asBytes("half")), limit / 2};
  as<UploadStream>(scene.a.announce({}, half));
  CHECK(as<QuotaFull>(scene.a.announce({}, {crypto::sha256(asBytes("too much")), limit / 2 + 1})) ==
        QuotaFull{limit, limit / 2});
  as<UploadStream>(scene.a.announce({}, {crypto::sha256(asBytes("rest")), limit / 2}));
  CHECK(as<QuotaFull>(scene.a.announce({}, {crypto::sha256(asBytes("one")), 1})) == QuotaFull{limit, limit});
  // Announced again it is the same upload, and not one more.
  as<UploadStream>(scene.a.announce({}, half));
  CHECK(as<TooLarge>(scene.a.announce({}, {{}, limit + 1})).limit == limit);
  CHECK(as<TooLarge>(scene.a.announce({}, {{}, UINT64_MAX})).limit == limit);
  as<Malformed>(scene.a.announce({}, {{}, 0}));
  as<Malformed>(scene.a.announce({}, {half.hash, 5}));
  // Another account has its own.
  as<UploadStream>(scene.b.announce({}, half));
}

TEST_CASE("what nobody finishes is forgotten in a day and makes room") {
  Scene scene;
  scene.world.services().beginSweeping();
  Bytes bytes = randomBytes(scene.world, kLarge);
  CHECK_FALSE(scene.a.send(as<UploadStream>(scene.a.put(bytes)), ByteView(bytes).first(kBulkChunkSize)));
  scene.world.move(kUnfinishedLifeMs - kHourMs);
  CHECK(scene.a.held().files == 1);
  scene.world.move(2 * kHourMs);
  CHECK(scene.a.held().files == 0);
  CHECK(as<UploadStream>(scene.a.put(bytes)).offset == 0);
}

TEST_CASE("anyone who knows the hash reads a blob, from any place in it") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, kLarge);
  REQUIRE(scene.a.send(as<UploadStream>(scene.a.put(bytes)), bytes) == BulkVerdict::stored);
  auto whole = as<DownloadStream>(scene.b.getBlob(crypto::sha256(bytes), 0));
  CHECK(whole.size == kLarge);
  CHECK(scene.b.receive(whole.ticket) == bytes);
  auto rest = as<DownloadStream>(scene.b.getBlob(crypto::sha256(bytes), kLarge - 5));
  CHECK(scene.b.receive(rest.ticket) == Bytes(bytes.end() - 5, bytes.end()));
  CHECK(scene.b.receive(as<DownloadStream>(scene.b.getBlob(crypto::sha256(bytes), kLarge)).ticket) == Bytes());
  as<Malformed>(scene.b.getBlob(crypto::sha256(bytes), kLarge + 1));
  as<NotFound>(scene.b.getBlob(crypto::sha256(asBytes("nothing")), 0));
}

TEST_CASE("a blob goes when the last account that brought it drops it or its time is over") {
  Scene scene;
  scene.world.services().beginSweeping();
  Bytes bytes = randomBytes(scene.world, kLarge);
  wire::Hash hash = crypto::sha256(bytes);
  for (BulkLine* line : {&scene.a, &scene.b}) {
    REQUIRE(line->send(as<UploadStream>(line->put(bytes)), bytes) == BulkVerdict::stored);
  }
  CHECK(scene.a.drop(hash) == BlobDropped::yes);
  CHECK(scene.a.drop(hash) == BlobDropped::notFound);
  CHECK(std::filesystem::exists(scene.world.files().pathOf(hash)));
  scene.world.move(kBlobLifeMs - kHourMs);
  as<AlreadyStored>(scene.b.put(bytes));
  scene.world.move(kBlobLifeMs - kHourMs);
  CHECK(std::filesystem::exists(scene.world.files().pathOf(hash)));
  SECTION("by time") { scene.world.move(2 * kHourMs); }
  SECTION("by hand") { CHECK(scene.b.drop(hash) == BlobDropped::yes); }
  CHECK_FALSE(std::filesystem::exists(scene.world.files().pathOf(hash)));
  as<NotFound>(scene.b.getBlob(hash, 0));
}

TEST_CASE("files and uploads nobody names are swept at the start, those that are named stay") {
  Scene scene;
  Bytes bytes = randomBytes(scene.world, kLarge);
  Bytes orphan = randomBytes(scene.world, 500);
  for (const Bytes& each : {bytes, orphan}) {
    REQUIRE(scene.a.send(as<UploadStream>(scene.a.put(each)), each) == BulkVerdict::stored);
  }
  Bytes half = randomBytes(scene.world, kLarge);
  CHECK_FALSE(scene.a.send(as<UploadStream>(scene.a.put(half)), ByteView(half).first(kBulkChunkSize)));
  REQUIRE(scene.world.database().execute("DELETE FROM holding WHERE size = 500").value() == 1);
  std::string stray = scene.world.files().incomingPath(12'345);
  REQUIRE(IncomingFile::open(scene.world.files(), 12'345, 0).value());
  {
    auto still = scene.world.files().holdStill();
    scene.world.wait(scene.world.services().bulk.sweepFiles());
    CHECK(std::filesystem::exists(scene.world.files().pathOf(crypto::sha256(orphan))));
  }
  scene.world.wait(scene.world.services().bulk.sweepFiles());
  CHECK_FALSE(std::filesystem::exists(scene.world.files().pathOf(crypto::sha256(orphan))));
  CHECK_FALSE(std::filesystem::exists(stray));
  CHECK(scene.world.files().read(crypto::sha256(bytes), kLarge).has_value());
  CHECK(as<UploadStream>(scene.a.put(half)).offset == kBulkChunkSize);
}

TEST_CASE("for a log only its members upload, above 64 KiB and up to 16 MiB") {
  Scene scene;
  TestPerson carol = scene.world.register_("carol");
  BulkLine c(scene.world, carol.device().entry(), 3);
  auto sized = [](uint64_t size) { return Uploaded{crypto::sha256(encode(LogId())), size}; };
  as<Malformed>(scene.a.announce(scene.log.id(), sized(wire::kInlineSizeMax)));
  as<UploadStream>(scene.a.announce(scene.log.id(), sized(wire::kUploadSizeMax)));
  CHECK(as<TooLarge>(scene.a.announce(scene.log.id(), sized(wire::kUploadSizeMax + 1))).limit == wire::kUploadSizeMax);
  CHECK(as<TooLarge>(scene.a.announce(scene.log.id(), sized(UINT64_MAX))).limit == wire::kUploadSizeMax);
  as<NoPlaceInLog>(c.announce(scene.log.id(), sized(wire::kInlineSizeMax + 1)));
  as<NoPlaceInLog>(scene.a.announce(logId(99), sized(wire::kInlineSizeMax + 1)));
}
