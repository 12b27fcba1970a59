#include "mls/message/framing.h"
#include "mls/message/ratchet_tree.h"
#include "mls_vectors/checks.h"
#include "mls_vectors/expect.h"

namespace qpq::mls::vectors {
namespace {

template <class T>
void expectComesBack(ByteView bytes, std::string_view field) {
  T value = must(decode<T>(bytes), field);
  if constexpr (std::is_same_v<T, GroupSecrets>) {
    expectEqual(encodeSecret(value), bytes, field);
  } else {
    expectEqual(encode(value), bytes, field);
  }
}

// Every shorter input and every input with one byte more is refused.
template <class T>
void expectNoOtherLength(ByteView bytes, std::string_view field) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode<T>(bytes.first(size))) failed(std::string(field) + " is taken when cut off");
  }
  for (uint8_t extra : Bytes{0x00, 0x01, 0xff}) {
    auto longer = decode<T>(concat({bytes, ByteView(&extra, 1)}));
    bool refused = !longer && longer.error() == DecodeError{DecodeError::Code::trailingBytes, bytes.size()};
    if (!refused) failed(std::string(field) + " is taken with a byte more");
  }
}

template <class T>
void check(const test::Json& vector, std::string_view field) {
  Bytes bytes = vector[field].hex();
  expectComesBack<T>(bytes, field);
  expectNoOtherLength<T>(bytes, field);
}

// The kind of message an MLSMessage is must be the one its field is named for.
template <class T>
void checkKind(const test::Json& vector, std::string_view field) {
  check<MLSMessage>(vector, field);
  if (decode<MLSMessage>(vector[field].hex())->as<T>() == nullptr) failed(std::string(field) + " is of another kind");
}

void checkPublic(const test::Json& vector, std::string_view field, ContentType type) {
  checkKind<PublicMessage>(vector, field);
  auto message = *decode<MLSMessage>(vector[field].hex());
  if (message.as<PublicMessage>()->content.content.type() != type) failed(std::string(field) + " is of another type");
}

}  // namespace

void checkMessages(const test::Json& vector) {
  checkKind<Welcome>(vector, "mls_welcome");
  checkKind<GroupInfo>(vector, "mls_group_info");
  checkKind<KeyPackage>(vector, "mls_key_package");
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
  checkPublic(vector, "public_message_application", ContentType::application);
  checkPublic(vector, "public_message_proposal", ContentType::proposal);
  checkPublic(vector, "public_message_commit", ContentType::commit);
  checkKind<PrivateMessage>(vector, "private_message");
}

void checkDeserialization(const test::Json& vector) {
  Bytes header = vector["vlbytes_header"].hex();
  Reader in(header);
  expect(must(in.length(), "vlbytes_header") == vector["length"].number(), "length differs");
  expect(in.atEnd(), "vlbytes_header has bytes left");
  for (std::size_t size = 0; size < header.size(); ++size) {
    auto cut = Reader(ByteView(header).first(size)).length();
    expect(!cut && cut.error().code == DecodeError::Code::truncated, "a length is taken when cut off");
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
  auto refused = Reader(longer).length();
  expect(!refused && refused.error().code == DecodeError::Code::nonMinimalLength, "a longer form of it is taken");
}

}  // namespace qpq::mls::vectors
