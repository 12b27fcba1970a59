#include "wire/inside/conversation.h"

#include <algorithm>

#include "wire/inside/utf8.h"

namespace qpq::wire {

namespace {

bool ownsAlone(const Sorted<AccountId, 2>& pair, const Sorted<Grant, kGrantsMax>& roles) {
  return std::ranges::equal(
      pair, roles, [](const AccountId& account, const Grant& grant) { return grant == Grant{account, Role::owner}; });
}

Result<void> check(const Conversation& conversation) {
  bool isDirect = conversation.kind == ConversationKind::direct;
  if (isDirect == conversation.pair.empty()) return fail(ErrorCode::conversationPair);
  // One form per meaning: a member is whoever is not listed.
  bool listsMember = std::ranges::any_of(conversation.roles, [](const Grant& g) { return g.role == Role::member; });
  if (listsMember || (isDirect && !ownsAlone(conversation.pair, conversation.roles))) {
    return fail(ErrorCode::conversationRoles);
  }
  if (conversation.name.size() > kConversationNameSizeMax || !isUtf8(conversation.name)) {
    return fail(ErrorCode::conversationName);
  }
  return {};
}

}  // namespace

Role Conversation::roleOf(const AccountId& account) const {
  const Grant* grant = roles.find(account);
  return grant != nullptr ? grant->role : Role::member;
}

Conversation newGroup(const AccountId& creator, Bytes name) {
  return {.kind = ConversationKind::group, .roles = {{creator, Role::owner}}, .name = std::move(name)};
}

Conversation newDirect(const AccountId& a, const AccountId& b) {
  return {.kind = ConversationKind::direct, .pair = {a, b}, .roles = {{a, Role::owner}, {b, Role::owner}}};
}

Result<Conversation> parseConversation(ByteView data) {
  Reader version(data);
  if (!isKnown(static_cast<PolicyVersion>(TRY(version.u16())))) return fail(ErrorCode::unknownPolicy);
  auto conversation = TRY(decode<Conversation>(data));
  TRY(check(conversation));
  return conversation;
}

}  // namespace qpq::wire
