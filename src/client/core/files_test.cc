#include "client/core/scene_test.h"
#include "client/limits.h"
#include "wire/inside/sealed_file.h"

namespace qpq::client::core::scene {

namespace {

store::Upload uploadOf(const LogId& log, const Scene& scene, uint64_t size = 5) {
  store::Upload upload{.log = log, .path = "/home/alice/tea.txt", .size = size, .modifiedNs = 7};
  upload.key = Secret<32>(ByteArray<32>{1, 2, 3});
  upload.hash.fill(0x66);
  upload.length = wire::sealedFileLength(256);
  upload.tags = Bytes(16, 9);
  upload.begun = scene.clock.at;
  return upload;
}

}  // namespace

TEST_CASE(
    "what a file was sealed as is kept over a restart until a message names it, a better one comes or a month passes") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  auto kept = [&]() { return must(scene.alice.core().upload(log, "/home/alice/tea.txt")); };
  CHECK_FALSE(kept());
  must(scene.alice.core().keepUpload(uploadOf(log, scene)));
  scene.alice.restart();
  auto upload = kept();
  REQUIRE(upload);
  CHECK(equal(upload->key.expose(), uploadOf(log, scene).key.expose()));
  CHECK((upload->size == 5 && upload->modifiedNs == 7 && upload->hash == uploadOf(log, scene).hash));
  CHECK((upload->length == 272 && upload->tags == Bytes(16, 9)));
  CHECK_FALSE(must(scene.alice.core().upload(LogId{}, "/home/alice/tea.txt")));
  CHECK_FALSE(must(scene.alice.core().upload(log, "/home/alice/tea")));
  must(scene.alice.core().keepUpload(uploadOf(log, scene, 6)));
  CHECK(kept()->size == 6);
  must(scene.alice.core().dropUpload(log, "/home/alice/tea.txt"));
  CHECK_FALSE(kept());

  must(scene.alice.core().keepUpload(uploadOf(log, scene)));
  scene.clock.at = scene.clock.at + kUploadKeptMs;
  scene.alice.restart();
  CHECK(kept());
  scene.clock.at = scene.clock.at + 1;
  scene.alice.restart();
  CHECK_FALSE(kept());
}

TEST_CASE("the message that names a file and the end of its upload are one step, and everybody can open it") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().keepUpload(uploadOf(log, scene)));
  EntryId id = must(scene.alice.core().sendFile(log, "/home/alice/tea.txt", "tea.txt")).id;
  CHECK(refusal(scene.alice.core().sendFile(log, "/home/alice/tea.txt", "tea.txt")) == ErrorCode::noSuchFile);
  scene.alice.restart();
  CHECK_FALSE(must(scene.alice.core().upload(log, "/home/alice/tea.txt")));
  scene.run();
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    auto messages = must(device->core().files(log, 10));
    REQUIRE(messages.size() == 1);
    CHECK((messages[0].id == id && messages[0].type == 2 && messages[0].text.empty()));
    REQUIRE(messages[0].file);
    CHECK((messages[0].file->name == "tea.txt" && messages[0].file->size == 5));
    wire::File file = must(device->core().file(log, id));
    CHECK(equal(file.key.expose(), uploadOf(log, scene).key.expose()));
    CHECK((file.hash == uploadOf(log, scene).hash && file.length == 272));
    CHECK(device->alarms() == 0);
  }
}

TEST_CASE("a name made to hurt comes out harmless") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  must(scene.alice.core().keepUpload(uploadOf(log, scene)));
  must(scene.alice.core().sendFile(log, "/home/alice/tea.txt", "../../.ssh/\x1b[2Jauthorized_keys"));
  scene.run();
  CHECK(must(scene.bob.core().files(log, 1)).at(0).file->name == "[2Jauthorized_keys");
}

TEST_CASE("a file message that breaks its rules is forged, and no file") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  store::Upload upload = uploadOf(log, scene);
  upload.length = 1'000'000;
  must(scene.alice.core().keepUpload(upload));
  EntryId id = must(scene.alice.core().sendFile(log, "/home/alice/tea.txt", "tea.txt")).id;
  scene.run();
  CHECK(must(scene.bob.core().files(log, 1)).empty());
  REQUIRE(scene.bob.seen<event::Unreadable>().size() == 1);
  CHECK(scene.bob.seen<event::Unreadable>()[0].cause == Cause::forged);
  CHECK(refusal(scene.bob.core().file(log, id)) == ErrorCode::noSuchFile);
  // Its own author has it on the disk, and still shows no file.
  CHECK_FALSE(must(scene.alice.core().files(log, 1)).at(0).file);
}

TEST_CASE(
    "own files are listed from all conversations by when they were sent, and what becomes of them at the server") {
  Scene scene;
  LogId direct = scene.alice.dm("bob");
  LogId team = scene.group("tea");
  auto sendAs = [&](Device& device, const LogId& log, const std::string& name) {
    scene.clock.at = scene.clock.at + kMinuteMs;
    must(device.core().keepUpload(uploadOf(log, scene)));
    return must(device.core().sendFile(log, "/home/alice/tea.txt", name)).id;
  };
  EntryId first = sendAs(scene.alice, direct, "first");
  EntryId second = sendAs(scene.alice, team, "second");
  EntryId bobs = sendAs(scene.bob, direct, "bob's");
  EntryId third = sendAs(scene.alice, direct, "third");
  scene.run();
  auto own = [&]() {
    std::string text;
    for (const OwnFileView& file : must(scene.alice.core().ownFiles(10))) {
      auto mark = file.kept == OwnFileView::Kept::held ? "" : file.kept == OwnFileView::Kept::dropped ? "-" : "?";
      text += mark + file.message.file->name + " ";
    }
    return text;
  };
  CHECK(own() == "first second third ");
  CHECK(must(scene.alice.core().ownFiles(2)).at(0).message.id == second);

  CHECK(must(scene.alice.core().ownFile(direct, first)).hash == uploadOf(direct, scene).hash);
  CHECK(refusal(scene.alice.core().ownFile(direct, bobs)) == ErrorCode::noSuchFile);
  CHECK(refusal(scene.alice.core().ownFile(team, first)) == ErrorCode::noSuchFile);
  must(scene.alice.core().noteDropped(team, second));
  must(scene.alice.core().noteDropped(team, second));
  scene.alice.restart();
  CHECK(own() == "first -second third ");
  CHECK(must(scene.alice.core().files(team, 1)).at(0).file->dropped);
  CHECK_FALSE(must(scene.bob.core().files(team, 1)).at(0).file->dropped);
  CHECK_FALSE(must(scene.alice.core().files(direct, 1)).at(0).file->dropped);

  scene.clock.at = must(scene.alice.core().ownFiles(10)).at(0).message.sent + kFileKeptMs;
  CHECK(own() == "?first -second third ");
  CHECK(must(scene.alice.core().ownFile(direct, third)).size == 5);
}

TEST_CASE("messages without a file, and places where nothing may be written, take none") {
  Scene scene;
  LogId log = scene.group("tea");
  EntryId text = must(scene.alice.core().send(log, "no file")).id;
  CHECK(refusal(scene.alice.core().file(log, text)) == ErrorCode::noSuchFile);
  CHECK(refusal(scene.alice.core().file(log, EntryId{})) == ErrorCode::noSuchFile);
  CHECK(refusal(scene.alice.core().file(LogId{}, text)) == ErrorCode::noSuchConversation);
  CHECK(refusal(scene.alice.core().mayWrite(LogId{})) == ErrorCode::noSuchConversation);
  must(scene.bob.core().mayWrite(log));
  must(scene.bob.core().leave(log));
  scene.run();
  CHECK(refusal(scene.bob.core().mayWrite(log)) == ErrorCode::notMember);
  must(scene.bob.core().keepUpload(uploadOf(log, scene)));
  CHECK(refusal(scene.bob.core().sendFile(log, "/home/alice/tea.txt", "tea.txt")) == ErrorCode::notMember);
  CHECK(must(scene.bob.core().upload(log, "/home/alice/tea.txt")));
}

}  // namespace qpq::client::core::scene
