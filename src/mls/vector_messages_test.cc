#include <catch2/catch_test_macros.hpp>

#include "mls/message/framing.h"
#include "mls/message/ratchet_tree.h"
#include "support/vectors.h"

// Everything encoded in the official vectors, wherever it stands: it comes back byte for byte, and is refused when it
// is cut anywhere or followed by anything. The structures of messages.json are checked with it
// (tests/mls_vectors/messages.cc).
namespace qpq::mls {
namespace {

// Only decoding, and no assertion for each of the thousands of inputs one message makes.
template <class T>
std::string whatIsWrong(const Bytes& bytes) {
  if (encode(*decode<T>(bytes)) != bytes) return "comes back as other bytes";
  ByteView whole(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode<T>(whole.first(size))) return "is taken when cut at " + std::to_string(size);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  do {
    auto taken = decode<T>(longer);
    if (taken || taken.error() != DecodeError{DecodeError::Code::trailingBytes, bytes.size()}) {
      return "is taken when followed by " + std::to_string(longer.back());
    }
  } while (++longer.back() != 0);
  return {};
}

struct Found {
  std::size_t messages = 0;
  std::size_t trees = 0;
  std::size_t paths = 0;
  std::size_t proposals = 0;
  bool operator==(const Found&) const = default;
};

template <class T>
bool checked(const Bytes& bytes, std::size_t& count) {
  if (!decode<T>(bytes)) return false;
  CHECK(whatIsWrong<T>(bytes) == "");
  ++count;
  return true;
}

// Nothing of a number or another value that is no text.
std::optional<Bytes> bytesOf(const test::Json& json) {
  try {
    return json.hex();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void walk(const std::string& name, const test::Json& json, Found& found) {
  if (json.isArray()) {
    for (const test::Json& item : json.items()) walk(name, item, found);
  } else if (json.isObject()) {
    for (const std::string& key : json.keys()) {
      if (auto value = json.find(key)) walk(key, *value, found);
    }
  } else if (auto bytes = bytesOf(json)) {
    INFO(name << ' ' << toHex(ByteView(*bytes).first(std::min<std::size_t>(bytes->size(), 100))));
    if (checked<MLSMessage>(*bytes, found.messages)) return;
    if (name.contains("tree") && checked<RatchetTreeNodes>(*bytes, found.trees)) return;
    if (name == "update_path" && checked<UpdatePath>(*bytes, found.paths)) return;
    if (name == "proposal") checked<Proposal>(*bytes, found.proposals);
  }
}

void checkAll(const char* name, const Found& expected) {
  auto file = test::VectorFile::open(name);
  if (!file) return;
  Found found;
  walk("", file->json(), found);
  CHECK(found.messages == expected.messages);
  CHECK(found.trees == expected.trees);
  CHECK(found.paths == expected.paths);
  CHECK(found.proposals == expected.proposals);
}

TEST_CASE("every message of the vectors is refused when cut anywhere or followed by any byte") {
  checkAll("mls/message-protection.json", {.messages = 35, .proposals = 7});
  checkAll("mls/welcome.json", {.messages = 14});
  checkAll("mls/passive-client-welcome.json", {.messages = 112, .trees = 28});
  checkAll("mls/passive-client-handling-commit.json", {.messages = 448});
}

TEST_CASE("every message of the vector of two hundred epochs is refused when cut anywhere or followed by any byte") {
  checkAll("mls/passive-client-random.json", {.messages = 1'744});
}

TEST_CASE("every tree, path and proposal of the vectors is refused when cut anywhere or followed by any byte") {
  checkAll("mls/tree-operations.json", {.trees = 10, .proposals = 5});
  checkAll("mls/tree-validation.json", {.trees = 98});
  checkAll("mls/treekem.json", {.trees = 77, .paths = 434});
}

}  // namespace
}  // namespace qpq::mls
