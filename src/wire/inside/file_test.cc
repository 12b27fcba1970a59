#include "wire/inside/file.h"

#include "wire/inside/content.h"
#include "wire/inside/sealed_file.h"
#include "wire/limits.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

File sampleFile() {
  File file{.name = toBytes(asBytes("grüße.txt")), .size = 5, .key = {}, .hash = sample::hash(0x66), .length = 24};
  file.key = Secret<32>(ByteArray<32>{1, 2, 3});
  return file;
}

Bytes bytesOf(const File& file) { return toBytes(encodeFile(file).expose()); }

std::optional<ErrorCode> refusalOf(uint64_t size, uint64_t length) {
  File file = sampleFile();
  file.size = size;
  file.length = length;
  return refusal(parseFile(bytesOf(file)));
}

std::string harmless(std::string_view name) { return harmlessFileName(asBytes(name)); }

TEST_CASE("a file has its golden bytes") {
  Bytes bytes = bytesOf(sampleFile());
  CHECK(toHex(bytes) ==
        "0b6772c3bcc39f652e747874"
        "0000000000000005"
        "0102030000000000000000000000000000000000000000000000000000000000"
        "6666666666666666666666666666666666666666666666666666666666666666"
        "0000000000000018");
  auto parsed = parseFile(bytes);
  REQUIRE(parsed);
  CHECK(parsed->name == sampleFile().name);
  CHECK(equal(parsed->key.expose(), sampleFile().key.expose()));
  CHECK(bytesOf(*parsed) == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(parseFile(ByteView(bytes).first(size)));
  bytes.push_back(0);
  CHECK(refusal(parseFile(bytes)) == ErrorCode::malformed);
}

TEST_CASE("a name too long or no UTF-8 and a size too large are refused") {
  File file = sampleFile();
  file.name = Bytes(kFileNameSizeMax, 'a');
  CHECK(parseFile(bytesOf(file)));
  file.name.push_back('a');
  CHECK(refusal(parseFile(bytesOf(file))) == ErrorCode::tooLarge);
  file.name = {0xc3};
  CHECK(refusal(parseFile(bytesOf(file))) == ErrorCode::notUtf8);
  CHECK(refusalOf(kFileSizeMax, sealedFileLength(kFileSizeMax)) == std::nullopt);
  CHECK(refusalOf(kFileSizeMax + 1, sealedFileLength(kFileSizeMax + 1)) == ErrorCode::tooLarge);
  CHECK(refusalOf(~uint64_t{0}, ~uint64_t{0}) == ErrorCode::tooLarge);
}

TEST_CASE("the length of a sealed file fits its size, and hides it by an eighth at most") {
  CHECK(refusalOf(0, 0) == ErrorCode::fileLength);
  CHECK(refusalOf(0, 16) == ErrorCode::fileLength);
  CHECK(refusalOf(0, 17) == std::nullopt);
  CHECK(refusalOf(5, 20) == ErrorCode::fileLength);
  CHECK(refusalOf(5, 21) == std::nullopt);
  CHECK(refusalOf(5, 16 + 5 + 256) == std::nullopt);
  CHECK(refusalOf(5, 16 + 5 + 257) == ErrorCode::fileLength);
  CHECK(refusalOf(5, ~uint64_t{0}) == ErrorCode::fileLength);
  CHECK(refusalOf(80'000, sealedFileLength(90'000)) == std::nullopt);
  CHECK(refusalOf(80'000, sealedFileLength(90'001)) == ErrorCode::fileLength);
  // A last chunk that is nothing but a tag.
  CHECK(refusalOf(kFileChunkSize, kSealedChunkSize + 16) == ErrorCode::fileLength);
  CHECK(refusalOf(kFileChunkSize, kSealedChunkSize) == std::nullopt);
}

TEST_CASE("a message that is no file by these rules is refused as it comes") {
  Content content{.id = sample::entryId(1),
                  .newest = {.seq = 41, .head = sample::hash(0x62)},
                  .sentMs = 1,
                  .type = ContentType::file,
                  .body = bytesOf(sampleFile())};
  CHECK(parseContent(encode(content), content.id) == content);
  content.body.pop_back();
  CHECK(refusal(parseContent(encode(content), content.id)) == ErrorCode::malformed);
}

TEST_CASE("a name leads to no other folder and hides nothing") {
  CHECK(harmless("holiday photo (2).jpg") == "holiday photo (2).jpg");
  CHECK(harmless("grüße 🫖.txt") == "grüße 🫖.txt");
  CHECK(harmless("../../etc/passwd") == "passwd");
  CHECK(harmless("/etc/cron.d/x") == "x");
  CHECK(harmless("C:\\Windows\\evil.exe") == "evil.exe");
  CHECK(harmless("a/b/") == "file");
  CHECK(harmless(".bashrc") == "_bashrc");
  CHECK(harmless("x/..") == "file");
  CHECK(harmless("..") == "file");
  CHECK(harmless(". .") == "file");
  CHECK(harmless("-rf") == "_rf");
  CHECK(harmless("~root") == "_root");
  CHECK(harmless("") == "file");
  CHECK(harmless("a\nb\x1b[31m\x7f\xc2\x9b.txt") == "ab[31m.txt");
  CHECK(harmless(std::string_view("a\0b", 3)) == "ab");
  CHECK(harmless("photo\u202egpj.exe") == "photogpj.exe");
  CHECK(harmless("a\u200b\u2066\ufeff\U000e0041b") == "ab");
  CHECK(harmless("a*?<>|\"$(x)`b;c'&:") == "a_______(x)_b_c___");
  CHECK(harmless("trailing. . ") == "trailing");
  CHECK(harmless("  leading") == "leading");
  CHECK(harmless("\xff") == "file");
  CHECK(harmless(std::string(3 * kFileNameSizeMax, 'a')).size() == kFileNameSizeMax);
  std::string cut = harmless("x" + std::string(2 * kFileNameSizeMax, 'a').substr(0, 252) + "ßß");
  CHECK(cut.size() == kFileNameSizeMax);
  CHECK(cut.ends_with("ß"));
  CHECK(harmless("x" + std::string(253, 'a') + "ßß").size() == 254);
}

TEST_CASE("what makes a name harmless leaves a harmless one as it is") {
  for (const char* name : {"..//.hidden", "-. x", " .a", "~", "a\\-b", ".. .x", "\u202e.x", " - ", "/.", "~-."}) {
    std::string once = harmless(name);
    INFO(name);
    CHECK(harmless(once) == once);
    CHECK_FALSE(once.empty());
  }
}

}  // namespace
}  // namespace qpq::wire
