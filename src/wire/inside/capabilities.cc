#include "wire/inside/capabilities.h"

#include <algorithm>

#include "crypto/suite.h"

namespace qpq::wire {

namespace {

constexpr mls::CipherSuiteId kSuite{crypto::kProductSuite.id};

Bytes dataOf(const mls::Extensions& extensions, mls::ExtensionType type) {
  const mls::Extension* found = extensions.find(type);
  return found != nullptr ? found->data : Bytes{};
}

mls::Extensions withoutConversation(mls::Extensions extensions) {
  std::erase_if(extensions.items, [](const mls::Extension& e) { return e.type == kConversationExtension; });
  return extensions;
}

}  // namespace

mls::Capabilities productCapabilities() {
  mls::RequiredCapabilities required = requiredCapabilities();
  return {.versions = {mls::ProtocolVersion::mls10},
          .cipherSuites = {kSuite},
          .extensions = required.extensions,
          .proposals = required.proposals,
          .credentials = required.credentials};
}

mls::RequiredCapabilities requiredCapabilities() {
  return {.extensions = {kConversationExtension},
          .proposals = {mls::ProposalType::selfRemove},
          .credentials = {mls::CredentialType::basic}};
}

mls::Extensions groupExtensions(const Conversation& conversation) {
  return {.items = {{mls::ExtensionType::requiredCapabilities, encode(requiredCapabilities())},
                    {kConversationExtension, encode(conversation)}}};
}

ExtensionChange compareExtensions(const mls::Extensions& before, const mls::Extensions& after) {
  const mls::Extension* conversation = after.find(kConversationExtension);
  ExtensionChange change;
  // A group without 0xF0C1 would have no policy: its loss is no change of it.
  change.others = conversation == nullptr || withoutConversation(before) != withoutConversation(after);
  if (conversation != nullptr && conversation->data != dataOf(before, kConversationExtension)) {
    change.conversation = conversation->data;
  }
  return change;
}

Result<Conversation> checkGroupContext(const mls::GroupContext& context, const LogId& log) {
  if (context.cipherSuite != kSuite) return fail(ErrorCode::otherSuite);
  if (!equal(context.groupId, log.bytes)) return fail(ErrorCode::otherLog);
  const mls::Extensions& extensions = context.extensions;
  bool areOurs = extensions.items.size() == 2 && extensions.find(kConversationExtension) != nullptr &&
                 dataOf(extensions, mls::ExtensionType::requiredCapabilities) == encode(requiredCapabilities());
  if (!areOurs) return fail(ErrorCode::extensionsNotAllowed);
  return parseConversation(dataOf(extensions, kConversationExtension));
}

mls::Extension termsExtension(const Terms& terms) { return {.type = kTermsExtension, .data = encode(terms)}; }

Result<Terms> termsOf(const mls::GroupInfo& groupInfo) {
  return TRY(decode<Terms>(dataOf(groupInfo.extensions, kTermsExtension)));
}

}  // namespace qpq::wire
