// The structures inside a group, as another member may send them. The first byte says which one the rest is.
#include "mls/message/group_info.h"
#include "read_back.h"
#include "wire/inside/capabilities.h"
#include "wire/inside/content.h"
#include "wire/inside/conversation.h"
#include "wire/inside/ephemeral.h"
#include "wire/inside/file.h"
#include "wire/inside/leaves.h"
#include "wire/inside/utf8.h"
#include "wire/key_package.h"
#include "wire/limits.h"

using namespace qpq;
using namespace qpq::wire;
using fuzz::readBack;
using fuzz::require;

namespace {

void checkConversation(ByteView input) {
  auto decoded = readBack<Conversation>(input);
  auto parsed = parseConversation(input);
  if (!parsed) return;
  require(decoded && *decoded == *parsed && isUtf8(parsed->name));
  require((parsed->kind == ConversationKind::direct) == !parsed->pair.empty());
}

void checkContent(ByteView input) {
  auto content = readBack<Content>(input);
  if (!content) return;
  auto parsed = parseContent(input, content->id);
  bool isText = content->type == ContentType::text && isUtf8(content->body);
  bool isFile = content->type == ContentType::file && parseFile(content->body);
  bool isOther = content->type != ContentType::text && content->type != ContentType::file;
  require(parsed.has_value() == (isText || isFile || isOther));
}

void checkFile(ByteView input) {
  auto file = parseFile(input);
  if (!file) return;
  require(equal(encodeFile(*file).expose(), input));
  std::string name = harmlessFileName(file->name);
  require(!name.empty() && name.size() <= kFileNameSizeMax && isUtf8(asBytes(name)));
  require(!name.contains('/') && !name.starts_with('.') && harmlessFileName(asBytes(name)) == name);
}

// A GroupInfo of a group somebody adds us to.
void checkGroup(ByteView input) {
  auto info = decode<mls::GroupInfo>(input);
  if (!info) return;
  static_cast<void>(termsOf(*info));
  static_cast<void>(checkGroupContext(info->groupContext, LogId{}));
  auto change = compareExtensions(info->groupContext.extensions, info->extensions);
  require(!change.conversation || info->extensions.find(kConversationExtension) != nullptr);
}

void checkKeyPackage(ByteView input) {
  auto package = decode<mls::KeyPackage>(input);
  if (!package) return;
  static_cast<void>(certificateOf(package->leafNode));
  static_cast<void>(checkPublished(*package, Certificate{}, Instant{1'000'000}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ByteView input(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0: checkConversation(input); break;
    case 1: checkContent(input); break;
    case 2: readBack<Ephemeral>(input); break;
    case 3: readBack<EphemeralPlain>(input); break;
    case 4: checkGroup(input); break;
    case 5: checkKeyPackage(input); break;
    case 6: checkFile(input); break;
  }
  return 0;
}
