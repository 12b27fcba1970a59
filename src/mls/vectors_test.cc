#include <catch2/catch_test_macros.hpp>

#include "mls_vectors/expect.h"
#include "mls_vectors/formats.h"
#include "support/vectors.h"

// The working group's official vectors. How each format is checked stands in tests/mls_vectors.
namespace qpq::mls {
namespace {

void checkFile(const std::string& name, std::string_view format) {
  auto file = test::VectorFile::open("mls/" + name);
  if (!file) return;
  const vectors::Format* found = vectors::recognise(file->json());
  REQUIRE(found != nullptr);
  CHECK(found->name == format);
  std::size_t place = 0;
  for (const test::Json& vector : file->json().items()) {
    INFO("case " << place++);
    CHECK(vectors::whatIsWrong(*found, vector).value_or("") == "");
    file->verified();
  }
}

TEST_CASE("crypto-basics.json") { checkFile("crypto-basics.json", "crypto-basics"); }
TEST_CASE("deserialization.json") { checkFile("deserialization.json", "deserialization"); }
TEST_CASE("key-schedule.json") { checkFile("key-schedule.json", "key-schedule"); }
TEST_CASE("message-protection.json") { checkFile("message-protection.json", "message-protection"); }
TEST_CASE("messages.json") { checkFile("messages.json", "messages"); }
TEST_CASE("passive-client-handling-commit.json") { checkFile("passive-client-handling-commit.json", "passive-client"); }
TEST_CASE("passive-client-random.json") { checkFile("passive-client-random.json", "passive-client"); }
TEST_CASE("passive-client-welcome.json") { checkFile("passive-client-welcome.json", "passive-client"); }
TEST_CASE("psk_secret.json") { checkFile("psk_secret.json", "psk_secret"); }
TEST_CASE("secret-tree.json") { checkFile("secret-tree.json", "secret-tree"); }
TEST_CASE("transcript-hashes.json") { checkFile("transcript-hashes.json", "transcript-hashes"); }
TEST_CASE("tree-math.json") { checkFile("tree-math.json", "tree-math"); }
TEST_CASE("tree-operations.json") { checkFile("tree-operations.json", "tree-operations"); }
TEST_CASE("tree-validation.json") { checkFile("tree-validation.json", "tree-validation"); }
TEST_CASE("treekem.json") { checkFile("treekem.json", "treekem"); }
TEST_CASE("welcome.json") { checkFile("welcome.json", "welcome"); }

}  // namespace
}  // namespace qpq::mls
