#include <catch2/catch_test_macros.hpp>

#include "mls/message/framing.h"
#include "mls/message/ratchet_tree.h"
#include "support/vectors.h"

namespace qpq::mls {
namespace {

template <class T>
bool comesBack(ByteView bytes) {
  auto value = decode<T>(bytes);
  if (!value) return false;
  if constexpr (std::is_same_v<T, GroupSecrets>) {
    return equal(encodeSecret(*value).expose(), bytes);
  } else {
    return equal(encode(*value), bytes);
  }
}

// Every shorter input and every input with one byte more is refused.
template <class T>
bool takesNothingElse(ByteView bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode<T>(bytes.first(size))) return false;
  }
  for (uint8_t extra : Bytes{0x00, 0x01, 0xff}) {
    Bytes longer = concat({bytes, ByteView(&extra, 1)});
    auto refused = decode<T>(longer);
    if (refused || refused.error() != DecodeError{DecodeError::Code::trailingBytes, bytes.size()}) return false;
  }
  return true;
}

template <class T>
void check(const test::Json& vector, std::string_view field) {
  INFO(field);
  Bytes bytes = vector[field].hex();
  CHECK(comesBack<T>(bytes));
  CHECK(takesNothingElse<T>(bytes));
}

TEST_CASE("every structure of messages.json decodes, encodes to the same bytes and takes no other length") {
  auto file = test::VectorFile::open("mls/messages.json");
  if (!file) return;
  for (const test::Json& vector : file->json().items()) {
    check<MLSMessage>(vector, "mls_welcome");
    check<MLSMessage>(vector, "mls_group_info");
    check<MLSMessage>(vector, "mls_key_package");
    check<RatchetTreeNodes>(vector, "ratchet_tree");
    check<GroupSecrets>(vector, "group_secrets");
    check<Add>(vector, "add_proposal");
    check<Update>(vector, "update_proposal");
    check<Remove>(vector, "remove_proposal");
    check<PreSharedKey>(vector, "pre_shared_key_proposal");
    check<ReInit>(vector, "re_init_proposal");
    check<ExternalInit>(vector, "external_init_proposal");
    check<GroupContextExtensions>(vector, "group_context_extensions_proposal");
    check<Commit>(vector, "commit");
    check<MLSMessage>(vector, "public_message_application");
    check<MLSMessage>(vector, "public_message_proposal");
    check<MLSMessage>(vector, "public_message_commit");
    check<MLSMessage>(vector, "private_message");
    file->verified();
  }
}

TEST_CASE("the lengths of deserialization.json are read as written, and no longer form of them") {
  auto file = test::VectorFile::open("mls/deserialization.json");
  if (!file) return;
  for (const test::Json& vector : file->json().items()) {
    Bytes header = vector["vlbytes_header"].hex();
    Reader in(header);
    CHECK(in.length() == vector["length"].number());
    CHECK(in.atEnd());
    for (std::size_t size = 0; size < header.size(); ++size) {
      CHECK(Reader(ByteView(header).first(size)).length().error().code == DecodeError::Code::truncated);
    }
    // The same number with the prefix of the next size, and with the reserved one.
    Bytes longer = header;
    if (header.size() == 1) {
      longer = {0x40, header[0]};
    } else if (header.size() == 2) {
      longer = {0x80, 0, static_cast<uint8_t>(header[0] & 0x3f), header[1]};
    } else {
      longer[0] |= 0xc0;
    }
    CHECK(Reader(longer).length().error().code == DecodeError::Code::nonMinimalLength);
    file->verified();
  }
}

}  // namespace
}  // namespace qpq::mls
