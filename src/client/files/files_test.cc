#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "client/files/sealing.h"
#include "client/files/target_file.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

namespace qpq::client::files {
namespace {

namespace fs = std::filesystem;
using wire::kFileChunkSize;
using wire::kSealedChunkSize;

template <class T>
std::optional<ErrorCode> refusal(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

void put(const std::string& path, ByteView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(asText(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

Bytes contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> namesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

struct Scene {
  Scene() { fs::create_directory(folder.file("in")); }
  std::string path() { return folder.file("source"); }
  std::string in() { return folder.file("in"); }
  Bytes fill(std::size_t size) {
    Bytes bytes(size);
    random.fill(bytes);
    put(path(), bytes);
    return bytes;
  }
  SourceFile source() {
    auto opened = SourceFile::open(path());
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }
  Secret<32> key() { return Secret<32>(ByteArray<32>{7}); }
  SealedAs seal() {
    FirstSealing first(source(), key());
    for (;;) {
      auto done = first.step(1);
      REQUIRE(done.has_value());
      if (*done) return std::move(first).finish();
    }
  }
  // From an offset to the end, or why not.
  Result<Bytes> sealAgain(const SealedAs& sealed, uint64_t offset) {
    SecondSealing second(source(), key(), sealed.tags);
    second.goOnAt(offset);
    Bytes all;
    for (;;) {
      Bytes chunk = TRY(second.next());
      if (chunk.empty()) return all;
      all.insert(all.end(), chunk.begin(), chunk.end());
    }
  }
  Result<TargetFile> target(const std::string& to, Existing existing = Existing::kept, uint64_t size = 3,
                            TargetFile::Unfinished unfinished = TargetFile::Unfinished::nameless) {
    return TargetFile::open(to, "name.txt", size, existing, random, unfinished);
  }

  test::ScratchFolder folder;
  test::SeededRandom random{1};
};

TEST_CASE("a file sealed again from any offset gives what the first sealing gave") {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, kFileChunkSize, 3 * kFileChunkSize + 5}) {
    Scene scene;
    Bytes file = scene.fill(size);
    SealedAs sealed = scene.seal();
    Bytes whole = *scene.sealAgain(sealed, 0);
    CHECK(whole.size() == sealed.length);
    CHECK(crypto::sha256(whole) == sealed.hash);
    CHECK(sealed.tags.size() == (sealed.length + kSealedChunkSize - 1) / kSealedChunkSize * crypto::kAeadTagSize);
    for (uint64_t offset : {uint64_t{1}, uint64_t{kSealedChunkSize}, sealed.length - 1, sealed.length}) {
      if (offset > sealed.length) continue;
      CHECK(*scene.sealAgain(sealed, offset) == toBytes(ByteView(whole).subspan(offset)));
    }
    wire::FileOpener opener(scene.key(), size, sealed.length);
    Bytes opened;
    for (ByteView rest = whole; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kSealedChunkSize))) {
      auto chunk = opener.open(rest.first(opener.nextLength()));
      REQUIRE(chunk.has_value());
      opened.insert(opened.end(), chunk->expose().begin(), chunk->expose().end());
    }
    CHECK(opened == file);
  }
}

TEST_CASE("the length at the server hides the size of a file") {
  Scene scene;
  scene.fill(300'001);
  uint64_t length = scene.seal().length;
  scene.fill(302'000);
  CHECK(scene.seal().length == length);
  scene.fill(0);
  CHECK(scene.seal().length == 256 + crypto::kAeadTagSize);
}

TEST_CASE("a file that has changed since it was sealed first gives nothing of its other bytes") {
  Scene scene;
  Bytes file = scene.fill(3 * kFileChunkSize);
  SealedAs sealed = scene.seal();
  auto before = fs::last_write_time(scene.path());
  file[kFileChunkSize + 3] ^= 1;
  put(scene.path(), file);
  // As if nobody had touched it.
  fs::last_write_time(scene.path(), before);
  CHECK(refusal(scene.sealAgain(sealed, 0)) == ErrorCode::fileChanged);
  CHECK(refusal(scene.sealAgain(sealed, kSealedChunkSize)) == ErrorCode::fileChanged);
  CHECK(scene.sealAgain(sealed, 2 * kSealedChunkSize).has_value());
}

TEST_CASE("a file that is written while it is read is noticed") {
  Scene scene;
  Bytes file = scene.fill(3 * kFileChunkSize);
  SealedAs sealed = scene.seal();
  FirstSealing first(scene.source(), scene.key());
  SecondSealing second(scene.source(), scene.key(), sealed.tags);
  REQUIRE(first.step(1) == false);
  REQUIRE(second.next().has_value());
  SECTION("shorter") { fs::resize_file(scene.path(), kFileChunkSize); }
  SECTION("longer") { fs::resize_file(scene.path(), 4 * kFileChunkSize); }
  SECTION("touched") { fs::last_write_time(scene.path(), fs::file_time_type::clock::now() + std::chrono::hours(1)); }
  CHECK(refusal(first.step(5)) == ErrorCode::fileChanged);
  CHECK(refusal(second.next()) == ErrorCode::fileChanged);
}

TEST_CASE("what is no plain file that may be read is refused and waits for nobody") {
  Scene scene;
  CHECK(refusal(SourceFile::open(scene.path())) == ErrorCode::fileUnusable);
  CHECK(refusal(SourceFile::open(scene.folder.file(""))) == ErrorCode::fileUnusable);
  CHECK(refusal(SourceFile::open("/dev/null")) == ErrorCode::fileUnusable);
  REQUIRE(::mkfifo(scene.path().c_str(), 0600) == 0);
  CHECK(refusal(SourceFile::open(scene.path())) == ErrorCode::fileUnusable);
}

TEST_CASE("a saved file is there when all of it is, and only its owner reads it") {
  for (auto unfinished : {TargetFile::Unfinished::nameless, TargetFile::Unfinished::named}) {
    Scene scene;
    auto target = scene.target(scene.in(), Existing::kept, 3, unfinished);
    REQUIRE(target.has_value());
    REQUIRE(target->write(asBytes("abc")).has_value());
    CHECK_FALSE(fs::exists(scene.in() + "/name.txt"));
    CHECK(target->keep() == scene.in() + "/name.txt");
    CHECK(contentOf(scene.in() + "/name.txt") == toBytes(asBytes("abc")));
    CHECK(fs::status(scene.in() + "/name.txt").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(namesIn(scene.in()) == std::vector<std::string>{"name.txt"});
    auto again = scene.target(scene.in() + "/", Existing::replaced, 0, unfinished);
    REQUIRE(again.has_value());
    CHECK(again->keep() == scene.in() + "/name.txt");
  }
}

TEST_CASE("a file that was not kept leaves nothing") {
  for (auto unfinished : {TargetFile::Unfinished::nameless, TargetFile::Unfinished::named}) {
    Scene scene;
    {
      auto target = scene.target(scene.in() + "/other", Existing::kept, 3, unfinished);
      REQUIRE(target.has_value());
      REQUIRE(target->write(asBytes("abc")).has_value());
      CHECK(namesIn(scene.in()).size() == (unfinished == TargetFile::Unfinished::named ? 1 : 0));
    }
    CHECK(namesIn(scene.in()).empty());
  }
}

TEST_CASE("what stands there already is replaced only if that was said") {
  Scene scene;
  std::string there = scene.in() + "/name.txt";
  put(there, asBytes("before"));
  CHECK(refusal(scene.target(scene.in())) == ErrorCode::fileExists);
  CHECK(refusal(scene.target(there)) == ErrorCode::fileExists);
  auto target = scene.target(scene.in(), Existing::replaced);
  REQUIRE(target.has_value());
  REQUIRE(target->write(asBytes("abc")).has_value());
  CHECK(contentOf(there) == toBytes(asBytes("before")));
  REQUIRE(target->keep().has_value());
  CHECK(contentOf(there) == toBytes(asBytes("abc")));
  CHECK(namesIn(scene.in()).size() == 1);
}

TEST_CASE("a file that comes meanwhile stays, and so does one that a link leads to") {
  Scene scene;
  auto target = scene.target(scene.in());
  REQUIRE(target.has_value());
  put(scene.in() + "/name.txt", asBytes("theirs"));
  CHECK(refusal(target->keep()) == ErrorCode::fileExists);
  CHECK(contentOf(scene.in() + "/name.txt") == toBytes(asBytes("theirs")));

  put(scene.path(), asBytes("precious"));
  fs::create_symlink(scene.path(), scene.in() + "/link");
  CHECK(refusal(scene.target(scene.in() + "/link")) == ErrorCode::fileExists);
  auto over = scene.target(scene.in() + "/link", Existing::replaced);
  REQUIRE(over.has_value());
  REQUIRE(over->keep().has_value());
  CHECK(contentOf(scene.path()) == toBytes(asBytes("precious")));
}

TEST_CASE("a place where nothing can be saved is refused before anything is fetched") {
  Scene scene;
  CHECK(refusal(scene.target(scene.folder.file("nowhere/name"))) == ErrorCode::fileUnusable);
  CHECK(refusal(scene.target(scene.folder.file("nowhere/"))) == ErrorCode::fileUnusable);
  fs::create_directory(scene.in() + "/name.txt");
  CHECK(refusal(scene.target(scene.in(), Existing::replaced)) == ErrorCode::fileUnusable);
  auto refused = scene.target(scene.in() + "/large", Existing::kept, uint64_t{1} << 50);
  CHECK((refusal(refused) == ErrorCode::diskFull || refusal(refused) == ErrorCode::fileUnusable));
  CHECK(namesIn(scene.in()).size() == 1);
}

}  // namespace
}  // namespace qpq::client::files
