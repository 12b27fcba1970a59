#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>

#include "server/admin/stored.h"
#include "server/bulk/scene_test.h"
#include "server/limits.h"
#include "server/store/sqlite/verify.h"
#include "wire/limits.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;
using wire::BulkVerdict;

namespace {

// Alice and bob in a log; carol is added by a commit that is too large for a call, and so is her Welcome.
struct Scene {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestPerson carol = world.register_("carol");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());
  BulkLine a{world, alice.device().entry(), 1};
  BulkLine b{world, bob.device().entry(), 2};
  BulkLine c{world, carol.device().entry(), 3};
  CommitSpec addsCarol{.added = {carol.device().entry()}};
  Bytes envelope = commitTo(log.roster, entryId(50), 1, addsCarol, 100'000);
  Bytes welcome = randomBytes(world, 150'000);

  static Uploaded named(const Bytes& bytes) { return {crypto::sha256(bytes), bytes.size()}; }
  void upload(BulkLine& line, const Bytes& bytes) {
    auto outcome = line.put(bytes, log.id());
    if (std::holds_alternative<AlreadyStored>(outcome)) return;
    REQUIRE(line.send(as<UploadStream>(outcome), bytes) == BulkVerdict::stored);
  }
  AppendOutcome append(const TestDevice& sender) {
    return world.ask(world.services().logs.append({.sender = sender.entry(),
                                                   .log = log.id(),
                                                   .envelope = {},
                                                   .welcome = {},
                                                   .tokenHash = {},
                                                   .uploadedEnvelope = named(envelope),
                                                   .uploadedWelcome = named(welcome)}));
  }
  wire::ReceiptLeaf store() {
    upload(a, envelope);
    upload(a, welcome);
    return as<Appended>(append(alice.device())).receipt->leaf;
  }
  std::string pathOf(const Bytes& bytes) { return world.files().pathOf(crypto::sha256(bytes)); }
};

}  // namespace

TEST_CASE("a commit and its Welcome that were uploaded become an entry like any other") {
  Scene scene;
  auto leaf = scene.store();
  CHECK(leaf.envelope == crypto::sha256(scene.envelope));
  auto entries = scene.log.page(scene.bob.device(), 1).entries;
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].envelope == store::Body(store::LargePart{scene.envelope.size()}));
  CHECK(entries[0].hasWelcome);
  CHECK_FALSE(entries[0].welcome);
  auto hers = scene.log.page(scene.carol.device()).entries;
  CHECK(hers.at(0).welcome == store::Body(store::LargePart{scene.welcome.size()}));
  CHECK(hers.at(0).link.welcome == crypto::sha256(scene.welcome));
  auto place = wire::LogPlace::start(scene.log.id());
  for (const auto& entry : scene.log.page(scene.bob.device()).entries) place = *place.after(entry.link);
  CHECK(place.head == leaf.head);
}

TEST_CASE("the bytes of an entry are for who may read it, the Welcome for who was added there") {
  using store::BodyPart;
  Scene scene;
  scene.store();
  LogId log = scene.log.id();
  for (BulkLine* line : {&scene.a, &scene.b, &scene.c}) {
    auto stream = as<DownloadStream>(line->getBody(log, 2, BodyPart::envelope));
    CHECK(line->receive(stream.ticket) == scene.envelope);
  }
  auto hers = as<DownloadStream>(scene.c.getBody(log, 2, BodyPart::welcome, 50'000));
  CHECK(scene.c.receive(hers.ticket) == Bytes(scene.welcome.begin() + 50'000, scene.welcome.end()));
  as<NotFound>(scene.b.getBody(log, 2, BodyPart::welcome));
  as<NotFound>(scene.c.getBody(log, 1, BodyPart::envelope));
  as<NotFound>(scene.b.getBody(log, 1, BodyPart::envelope));  // small: it came with its page
  as<NotFound>(scene.b.getBody(log, 0, BodyPart::envelope));
  as<NotFound>(scene.b.getBody(log, UINT64_MAX, BodyPart::envelope));
  as<NotFound>(scene.b.getBody(logId(77), 2, BodyPart::envelope));
  as<Malformed>(scene.b.getBody(log, 2, BodyPart::envelope, scene.envelope.size() + 1));
  TestPerson stranger = scene.world.register_("mallory");
  BulkLine m(scene.world, stranger.device().entry(), 4);
  as<NotFound>(m.getBody(log, 2, BodyPart::envelope));
  // As a blob nobody holds it.
  as<NotFound>(scene.b.getBlob(crypto::sha256(scene.envelope), 0));
}

TEST_CASE("what is named must have been uploaded, whole, by this account and for this log") {
  Scene scene;
  as<NotUploaded>(scene.append(scene.alice.device()));
  scene.upload(scene.a, scene.envelope);
  as<NotUploaded>(scene.append(scene.alice.device()));
  CHECK_FALSE(scene.a.send(as<UploadStream>(scene.a.put(scene.welcome, scene.log.id())),
                           ByteView(scene.welcome).first(kBulkChunkSize)));
  as<NotUploaded>(scene.append(scene.alice.device()));
  scene.upload(scene.b, scene.envelope);
  scene.upload(scene.b, scene.welcome);
  as<NotUploaded>(scene.append(scene.alice.device()));
  CHECK(scene.log.page(scene.bob.device()).entries.size() == 1);
  // An envelope is given or named.
  auto both = scene.world.ask(scene.world.services().logs.append(
      {scene.bob.device().entry(), scene.log.id(), scene.envelope, {}, {}, Scene::named(scene.envelope)}));
  as<Malformed>(both);
  as<Appended>(scene.append(scene.bob.device()));
}

TEST_CASE("what was uploaded counts as a commit before it is looked at, also where it is refused then") {
  Scene scene;
  scene.envelope = commitTo(scene.log.roster, entryId(50), 9, scene.addsCarol, 100'000);
  scene.upload(scene.a, scene.envelope);
  scene.upload(scene.a, scene.welcome);
  scene.world.move(kCommitsPerDevice.burst * kCommitsPerDevice.refillMs);
  for (uint32_t i = 0; i < kCommitsPerDevice.burst; ++i) {
    CHECK(std::holds_alternative<Conflict>(scene.append(scene.alice.device())));
  }
  CHECK(std::holds_alternative<TooOften>(scene.append(scene.alice.device())));
  scene.world.move(kCommitsPerDevice.refillMs);
  CHECK(std::holds_alternative<Conflict>(scene.append(scene.alice.device())));
  CHECK(std::holds_alternative<TooOften>(scene.append(scene.alice.device())));
}

TEST_CASE("a repeated append of what was uploaded gets its first receipt, whether it is still held or not") {
  Scene scene;
  auto first = scene.store();
  CHECK(as<Appended>(scene.append(scene.alice.device())).receipt->leaf == first);
  scene.upload(scene.a, scene.envelope);
  scene.upload(scene.a, scene.welcome);
  CHECK(as<Appended>(scene.append(scene.alice.device())).receipt->leaf == first);
  CHECK(scene.log.page(scene.bob.device()).entries.size() == 2);
}

TEST_CASE("a message is no commit, however it was brought") {
  Scene scene;
  scene.envelope = messageTo(scene.log.id(), entryId(9), 1, 100'000);
  scene.upload(scene.a, scene.envelope);
  scene.upload(scene.a, scene.welcome);
  CHECK(as<Malformed>(scene.append(scene.alice.device())).what == "tooLarge");
}

TEST_CASE("an upload no append names goes after an hour, and the files of an entry with the entry") {
  Scene scene;
  scene.world.services().beginSweeping();
  scene.upload(scene.b, scene.envelope);
  scene.store();
  Bytes unused = randomBytes(scene.world, 70'000);
  scene.upload(scene.a, unused);
  scene.world.move(kHeldForLogMs - kMinuteMs);
  CHECK(std::filesystem::exists(scene.pathOf(unused)));
  scene.world.move(kMinuteMs + kSweepIntervalMs);
  CHECK_FALSE(std::filesystem::exists(scene.pathOf(unused)));
  CHECK(std::filesystem::exists(scene.pathOf(scene.envelope)));
  CHECK(std::filesystem::exists(scene.pathOf(scene.welcome)));
  for (const TestPerson* person : {&scene.alice, &scene.bob, &scene.carol}) {
    scene.world.services().acknowledgements.add(person->device().entry(), scene.log.id(), 2);
  }
  scene.world.move(kAcknowledgeDelayMs);
  CHECK_FALSE(std::filesystem::exists(scene.pathOf(scene.envelope)));
  CHECK_FALSE(std::filesystem::exists(scene.pathOf(scene.welcome)));
}

TEST_CASE("a file the disk has spoilt before it was named must be brought again") {
  Scene scene;
  Quiet quiet;
  scene.upload(scene.a, scene.envelope);
  scene.upload(scene.a, scene.welcome);
  SECTION("gone") { std::filesystem::remove(scene.pathOf(scene.envelope)); }
  SECTION("shorter") { std::filesystem::resize_file(scene.pathOf(scene.envelope), 1'000); }
  SECTION("a flipped byte") {
    std::fstream file(scene.pathOf(scene.envelope), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(99'000);
    file.put('\x01');
  }
  as<NotUploaded>(scene.append(scene.alice.device()));
  CHECK(as<UploadStream>(scene.a.put(scene.envelope, scene.log.id())).offset == 0);
  scene.store();
}

TEST_CASE("verify names the file that is missing or spoilt, and a backup carries every file") {
  Scene scene;
  scene.store();
  Bytes blob = randomBytes(scene.world, 300'000);
  REQUIRE(scene.a.send(as<UploadStream>(scene.a.put(blob)), blob) == BulkVerdict::stored);
  StorePlace place{scene.world.folder.file("server.db"), scene.world.files().folder()};
  std::string copy = scene.world.folder.file("copy.db");
  auto verify = [&]() { return verifyStore(place, scene.world.databaseKey(), Beside::server); };
  CHECK(verify().text.contains("3 files: sound"));
  auto backedUp = backUp(place, scene.world.databaseKey(), copy);
  INFO(backedUp.text);
  REQUIRE(backedUp.exit == 0);
  CHECK(verifyStore(copyAt(copy), scene.world.databaseKey(), Beside::nobody).text.contains("3 files: sound"));

  for (const Bytes* spoilt : {&scene.envelope, &scene.welcome, &blob}) {
    INFO(spoilt->size());
    std::string path = scene.pathOf(*spoilt);
    std::filesystem::rename(path, path + ".away");
    auto found = verify();
    CHECK(found.exit == 1);
    CHECK(found.text.contains("file " + toHex(crypto::sha256(*spoilt)) + ": it is missing"));
    CHECK(backUp(place, scene.world.databaseKey(), scene.world.folder.file("no.db")).exit == 1);
    std::filesystem::copy_file(path + ".away", path);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1'000);
    file.put('\x77');
    file.put('\x78');
    file.close();
    CHECK(verify().text.contains("file " + toHex(crypto::sha256(*spoilt)) + ": its bytes are not those"));
    std::filesystem::rename(path + ".away", path);
  }
  CHECK(verify().exit == 0);
  CHECK_FALSE(std::filesystem::exists(scene.world.folder.file("no.db.blobs")));

  for (BulkLine* line : {&scene.a, &scene.b, &scene.c}) line->hangUp();
  scene.world.close();
  std::filesystem::remove_all(place.blobs);
  auto restored = restore(copy, place, scene.world.databaseKey(), {Replace::yes, kRefillWindowMs}, scene.world.random);
  INFO(restored.text);
  REQUIRE(restored.exit == 0);
  CHECK(verifyStore(place, scene.world.databaseKey(), Beside::nobody).text.contains("3 files: sound"));
}
