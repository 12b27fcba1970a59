#include <filesystem>
#include <fstream>

#include "mls/framing/padding.h"
#include "sim/world.h"
#include "wire/inside/sealed_file.h"

// Files, from one person's disk to another's.
namespace qpq::sim {
namespace {

namespace fs = std::filesystem;
using client::ErrorCode;
using client::Existing;

constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kTicketSize = 16;

struct Twins {
  // Noise of alice's, under this name.
  std::string file(const std::string& name, std::size_t size) {
    Bytes bytes(size);
    world.random.fill(bytes);
    write(path(name), bytes);
    return path(name);
  }
  std::string path(const std::string& name) { return world.folder.file(name); }
  static void write(const std::string& path, ByteView bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(asText(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  }
  static Bytes read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  client::SentFile send(const std::string& path) { return world.wait(alice.client().sendFile(log, path)); }
  std::vector<client::MessageView> received() {
    world.pass(5 * kSecondMs);
    return world.wait(bob.client().files(log, 100));
  }
  client::Promise<client::SavedFile> saving(const client::MessageView& message, const std::string& to) {
    return bob.client().saveFile(log, message.id, to, Existing::kept);
  }
  std::vector<fs::path> atServer() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(world.files().folder())) {
      if (entry.is_regular_file() && entry.path().filename().string().size() == 64) files.push_back(entry.path());
    }
    return files;
  }
  static uint64_t sealedLength(std::size_t size) {
    return wire::sealedFileLength(mls::paddedSize(mls::Padding::padme, size));
  }
  // Cut off when so many bytes have gone up; alice's program has ended then.
  void sendCutOff(const std::string& path, uint64_t bytes) {
    alice.cable.pullAfter(bytes);
    {
      auto sending = alice.client().sendFile(log, path);
      world.pass(kSecondMs);
    }
    alice.close();
    alice.cable.plug();
    alice.open();
    world.pass(kSecondMs);
  }

  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId log = alice.dm(bob);
};

TEST_CASE("a file arrives as it was, whatever its size") {
  Twins twins;
  std::size_t chunk = wire::kFileChunkSize;
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, chunk - 1, chunk, chunk + 1, 3 * kMiB + 17}) {
    std::string name = "file of " + std::to_string(size);
    std::string path = twins.file(name, size);
    auto sent = twins.send(path);
    CHECK(sent.file.name == name);
    auto messages = twins.received();
    REQUIRE_FALSE(messages.empty());
    REQUIRE(messages.back().file);
    CHECK(messages.back().id == sent.written.id);
    CHECK(messages.back().file->name == name);
    CHECK(messages.back().file->size == size);
    auto saved = twins.world.wait(twins.saving(messages.back(), twins.path("saved " + name)));
    CHECK(saved.size == size);
    CHECK(twins.read(saved.path) == twins.read(path));
  }
  // Whoever sent it may save it, too; and nobody can tell the larger ones by their length.
  auto own = twins.world.wait(twins.alice.client().files(twins.log, 1));
  auto back = twins.world.wait(twins.alice.client().saveFile(twins.log, own[0].id, twins.path("back"), Existing::kept));
  CHECK(twins.read(back.path).size() == 3 * kMiB + 17);
  for (const fs::path& file : twins.atServer()) CHECK(fs::file_size(file) >= 256);
}

TEST_CASE("a file sent twice is two messages, sealed apart") {
  Twins twins;
  std::string path = twins.file("twice", 5'000);
  auto one = twins.alice.client().sendFile(twins.log, path);
  auto other = twins.alice.client().sendFile(twins.log, path);
  CHECK(twins.world.wait(kj::mv(one)).written.id != twins.world.wait(kj::mv(other)).written.id);
  CHECK(twins.received().size() == 2);
  CHECK(twins.atServer().size() == 2);
}

TEST_CASE("an upload cut off goes on where it was when the file is sent again, and is one message") {
  Twins twins;
  std::string path = twins.file("large", 5 * kMiB);
  twins.sendCutOff(path, 2 * kMiB);
  uint64_t before = twins.alice.cable.bulkBytesUp();
  REQUIRE(before > kMiB);
  CHECK(twins.received().empty());
  twins.send(path);
  CHECK(twins.alice.cable.bulkBytesUp() <= Twins::sealedLength(5 * kMiB) + 2 * kTicketSize);
  auto messages = twins.received();
  REQUIRE(messages.size() == 1);
  auto saved = twins.world.wait(twins.saving(messages[0], twins.path("saved")));
  CHECK(twins.read(saved.path) == twins.read(path));
}

TEST_CASE("a connection lost in an upload is waited for") {
  Twins twins;
  std::string path = twins.file("large", 5 * kMiB);
  twins.alice.cable.pullAfter(2 * kMiB);
  auto sending = twins.alice.client().sendFile(twins.log, path);
  twins.world.pass(3 * kSecondMs);
  twins.alice.cable.plug();
  twins.world.wait(kj::mv(sending));
  CHECK(twins.alice.cable.bulkBytesUp() <= Twins::sealedLength(5 * kMiB) + 3 * kTicketSize);
  CHECK(twins.received().size() == 1);
}

TEST_CASE("a connection lost while a file is saved is waited for") {
  Twins twins;
  std::string path = twins.file("large", 5 * kMiB);
  twins.send(path);
  auto messages = twins.received();
  bool pulled = false;
  auto listening = twins.bob.client().listen([&](const client::Event& event) {
    auto* transfer = std::get_if<client::event::Transfer>(&event);
    if (transfer == nullptr || pulled || transfer->done < 2 * kMiB) return;
    pulled = true;
    twins.bob.cable.pull();
  });
  auto saving = twins.saving(messages.at(0), twins.path("saved"));
  twins.world.pass(3 * kSecondMs);
  CHECK(pulled);
  twins.bob.cable.plug();
  CHECK(twins.read(twins.world.wait(kj::mv(saving)).path) == twins.read(path));
}

TEST_CASE("how far it is is told, and the end once") {
  Twins twins;
  std::string path = twins.file("large", 3 * kMiB);
  twins.send(path);
  std::vector<client::event::Transfer> told;
  for (const client::Event& event : twins.alice.events) {
    if (auto* transfer = std::get_if<client::event::Transfer>(&event)) told.push_back(*transfer);
  }
  REQUIRE(told.size() > 5);
  CHECK(told.size() <= 101);
  CHECK(told.back().done == told.back().total);
  CHECK(std::ranges::count_if(told, [](const auto& t) { return t.done == t.total; }) == 1);
  CHECK(std::ranges::is_sorted(told, {}, &client::event::Transfer::done));
  CHECK(told.back().name == "large");
}

TEST_CASE("a file that changes while its upload is cut off is not sent, and later it is") {
  Twins twins;
  std::string path = twins.file("large", 5 * kMiB);
  auto before = fs::last_write_time(path);
  twins.sendCutOff(path, 2 * kMiB);
  twins.file("large", 5 * kMiB);
  SECTION("and nobody can tell by its time") {
    fs::last_write_time(path, before);
    CHECK(twins.world.refusal(twins.alice.client().sendFile(twins.log, path)).code == ErrorCode::fileChanged);
    CHECK(twins.received().empty());
  }
  SECTION("and its time says so") { fs::last_write_time(path, before + std::chrono::seconds(1)); }
  twins.send(path);
  auto messages = twins.received();
  REQUIRE(messages.size() == 1);
  CHECK(twins.read(twins.world.wait(twins.saving(messages[0], twins.path("saved"))).path) == twins.read(path));
  // What was sealed of it before lies at the server no longer.
  CHECK(twins.atServer().size() == 1);
  twins.world.stopServer();
  CHECK(fs::is_empty(twins.world.files().folder() + "/incoming"));
  twins.world.startServer();
}

TEST_CASE("what cannot be sent is refused before anything goes up") {
  Twins twins;
  auto refusal = [&](const LogId& log, const std::string& path) {
    return twins.world.refusal(twins.alice.client().sendFile(log, path)).code;
  };
  std::string path = twins.file("file", 100);
  CHECK(refusal(LogId{}, path) == ErrorCode::noSuchConversation);
  CHECK(refusal(twins.log, twins.path("nothing")) == ErrorCode::fileUnusable);
  CHECK(refusal(twins.log, twins.path("")) == ErrorCode::fileUnusable);
  LogId team = twins.world.wait(twins.alice.client().createGroup("team"));
  twins.world.wait(twins.alice.client().leave(team));
  twins.world.pass(5 * kSecondMs);
  CHECK(refusal(team, path) == ErrorCode::notMember);
  twins.alice.cable.pull();
  client::Error offline = twins.world.refusal(twins.alice.client().sendFile(twins.log, path));
  CHECK(offline.code == ErrorCode::offline);
  CHECK(offline.hint.starts_with("nothing was sent"));
  CHECK(twins.alice.cable.bulkBytesUp() == 0);
  CHECK(twins.received().empty());
}

TEST_CASE("a server that serves other bytes is caught, and nothing of the file is left") {
  Twins twins;
  twins.send(twins.file("file", 300'000));
  auto messages = twins.received();
  fs::path atServer = twins.atServer().at(0);
  Bytes bytes = twins.read(atServer);
  SECTION("in the first chunk") { bytes[5'000] ^= 1; }
  SECTION("in the last one") { bytes.back() ^= 1; }
  SECTION("chunks in another order") {
    std::swap_ranges(bytes.begin(), bytes.begin() + 65'536, bytes.begin() + 65'536);
  }
  twins.write(atServer, bytes);
  CHECK(twins.world.refusal(twins.saving(messages.at(0), twins.path("saved"))).code == ErrorCode::fileDamaged);
  CHECK_FALSE(fs::exists(twins.path("saved")));
}

TEST_CASE("a server that has lost the end of a file is not waited for without end") {
  Twins twins;
  twins.send(twins.file("file", 300'000));
  auto messages = twins.received();
  fs::resize_file(twins.atServer().at(0), 100'000);
  Instant asked = twins.world.clock.now();
  client::Error error = twins.world.refusal(twins.saving(messages.at(0), twins.path("saved")));
  CHECK(error.code == ErrorCode::fileDamaged);
  CHECK(error.what.contains("ends this file before its end"));
  CHECK(twins.world.clock.now() < asked + 10 * kSecondMs);
  CHECK_FALSE(fs::exists(twins.path("saved")));
}

TEST_CASE("a file that goes while it is saved is said to be gone, not cut short") {
  Twins twins;
  auto sent = twins.send(twins.file("file", 300'000));
  auto messages = twins.received();
  fs::resize_file(twins.atServer().at(0), 100'000);
  auto saving = twins.saving(messages.at(0), twins.path("saved"));
  twins.world.pass(kSecondMs);
  twins.world.wait(twins.alice.client().dropFile(twins.log, sent.written.id));
  CHECK(twins.world.refusal(kj::mv(saving)).code == ErrorCode::fileGone);
  CHECK_FALSE(fs::exists(twins.path("saved")));
}

TEST_CASE("a dropped file counts no longer, its message stays, and whoever has not saved it is told") {
  Twins twins;
  std::string path = twins.file("large", kMiB);
  auto sent = twins.send(path);
  auto small = twins.send(twins.file("small", 100));
  auto messages = twins.received();
  REQUIRE(messages.size() == 2);
  client::Client& alice = twins.alice.client();
  auto usage = [&]() { return twins.world.wait(alice.fileUsage(kSecondMs)); };
  auto kept = [&]() {
    std::vector<client::OwnFileView::Kept> all;
    for (const auto& file : twins.world.wait(alice.ownFiles(10))) all.push_back(file.kept);
    return all;
  };
  using Kept = client::OwnFileView::Kept;
  CHECK(usage().files == 2);
  CHECK(usage().bytes == Twins::sealedLength(kMiB) + Twins::sealedLength(100));
  CHECK(kept() == std::vector{Kept::held, Kept::held});

  CHECK(twins.world.wait(alice.dropFile(twins.log, sent.written.id)) == client::FileDropped::yes);
  CHECK(usage().files == 1);
  CHECK(usage().bytes == Twins::sealedLength(100));
  CHECK(kept() == std::vector{Kept::dropped, Kept::held});
  CHECK(twins.atServer().size() == 1);
  client::Error gone = twins.world.refusal(twins.saving(messages[0], twins.path("saved")));
  CHECK(gone.code == ErrorCode::fileGone);
  CHECK(gone.hint.contains("until its sender drops it"));
  CHECK(twins.received().size() == 2);
  twins.world.wait(twins.saving(messages[1], twins.path("saved")));

  CHECK(twins.world.wait(alice.dropFile(twins.log, sent.written.id)) == client::FileDropped::goneBefore);
  CHECK(kept() == std::vector{Kept::dropped, Kept::held});
  // What somebody else has sent is theirs to drop.
  CHECK(twins.world.refusal(twins.bob.client().dropFile(twins.log, small.written.id)).code == ErrorCode::noSuchFile);
  CHECK(usage().files == 1);
}

TEST_CASE("a full server takes a file again once another one is dropped") {
  Twins twins;
  std::vector<client::SentFile> sent;
  uint64_t room = twins.world.wait(twins.alice.client().fileUsage(kSecondMs)).bytesMax;
  std::string path = twins.file("large", room / 2 - kMiB);
  sent.push_back(twins.send(path));
  sent.push_back(twins.send(path));
  client::Error full = twins.world.refusal(twins.alice.client().sendFile(twins.log, path));
  CHECK(full.code == ErrorCode::serverRefused);
  CHECK(full.hint.contains("drop-file"));
  twins.world.wait(twins.alice.client().dropFile(twins.log, sent[0].written.id));
  twins.send(path);
}

TEST_CASE("a drop that nobody answers changes nothing here and is said to be asked for again") {
  Twins twins;
  auto sent = twins.send(twins.file("file", 100));
  client::Client& alice = twins.alice.client();
  auto kept = [&]() { return twins.world.wait(alice.ownFiles(1)).at(0).kept; };
  twins.alice.cable.pull();
  client::Error offline = twins.world.refusal(alice.dropFile(twins.log, sent.written.id));
  CHECK(offline.code == ErrorCode::offline);
  CHECK(offline.hint.contains("counts as not dropped"));
  auto own = twins.world.wait(alice.files(twins.log, 1)).at(0);
  auto saving = alice.saveFile(twins.log, own.id, twins.path("saved"), Existing::kept);
  CHECK(twins.world.refusal(kj::mv(saving)).hint.starts_with("nothing was saved"));
  CHECK(twins.world.refusal(alice.fileUsage(kSecondMs)).code == ErrorCode::offline);
  CHECK(kept() == client::OwnFileView::Kept::held);
  CHECK(twins.atServer().size() == 1);
  twins.alice.cable.plug();
  twins.world.pass(kMinuteMs);
  CHECK(twins.world.wait(alice.dropFile(twins.log, sent.written.id)) == client::FileDropped::yes);
  CHECK(kept() == client::OwnFileView::Kept::dropped);
}

TEST_CASE("a file the server keeps no longer is said to be gone") {
  Twins twins;
  twins.send(twins.file("file", 1'000));
  auto messages = twins.received();
  wire::Hash hash{};
  std::ranges::copy(*fromHex(twins.atServer().at(0).filename().string()), hash.begin());
  AccountId account = twins.world.wait(twins.alice.client().whoami()).account;
  CHECK(twins.world.services().bulk.dropBlob(account, hash).wait(twins.world.waitScope) == server::BlobDropped::yes);
  CHECK(twins.world.refusal(twins.saving(messages.at(0), twins.path("saved"))).code == ErrorCode::fileGone);
  CHECK_FALSE(fs::exists(twins.path("saved")));
}

TEST_CASE("a message without a file, and one that is not there, bring none") {
  Twins twins;
  twins.alice.say(twins.log, "no file");
  CHECK(twins.received().empty());
  auto text = twins.world.wait(twins.bob.client().history(twins.log, 1)).at(0);
  CHECK(twins.world.refusal(twins.saving(text, twins.path("saved"))).code == ErrorCode::noSuchFile);
  text.id = EntryId{};
  CHECK(twins.world.refusal(twins.saving(text, twins.path("saved"))).code == ErrorCode::noSuchFile);
}

}  // namespace
}  // namespace qpq::sim
