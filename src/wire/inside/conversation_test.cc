#include "wire/inside/conversation.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::account;
using sample::refusal;

Conversation sampleGroup() {
  Conversation group = newGroup(account(1), toBytes(asBytes("tea ☕")));
  group.roles.set({account(2), Role::admin});
  group.predecessor = Predecessor{sample::idOf<LogId>(0x11), {99, sample::hash(0x66)}};
  return group;
}

Result<Conversation> parse(const Conversation& conversation) { return parseConversation(encode(conversation)); }

TEST_CASE("conversations have their golden bytes") {
  sample::checkGolden(sampleGroup(),
                      "0001"
                      "01"
                      "00"
                      "22"
                      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a103"
                      "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a202"
                      "0774656120e29895"
                      "01"
                      "11111111111111111111111111111111"
                      "00000000000000636666666666666666666666666666666666666666666666666666666666666666");
  sample::checkGolden(newDirect(account(2), account(1)),
                      "0001"
                      "02"
                      "20a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
                      "22"
                      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a103"
                      "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a203"
                      "00"
                      "00");
}

TEST_CASE("a conversation is read as it was written") {
  CHECK(parse(sampleGroup()) == sampleGroup());
  CHECK(parse(newDirect(account(1), account(2))) == newDirect(account(2), account(1)));
  Conversation self = newDirect(account(1), account(1));
  CHECK(self.pair.size() == 1);
  CHECK(self.roles.size() == 1);
  CHECK(parse(self) == self);
}

TEST_CASE("whoever has no grant is a member") {
  CHECK(sampleGroup().roleOf(account(1)) == Role::owner);
  CHECK(sampleGroup().roleOf(account(2)) == Role::admin);
  CHECK(sampleGroup().roleOf(account(3)) == Role::member);
}

TEST_CASE("a policy this program does not know is named as such, whatever follows it") {
  for (uint16_t version : {uint16_t{0}, uint16_t{2}, uint16_t{0xffff}}) {
    Writer out;
    out.u16(version);
    CHECK(refusal(parseConversation(out.view())) == ErrorCode::unknownPolicy);
    out.bytes(Bytes{9, 9, 9});
    CHECK(refusal(parseConversation(out.view())) == ErrorCode::unknownPolicy);
  }
  CHECK(refusal(parseConversation(Bytes{0})) == ErrorCode::malformed);
  CHECK(refusal(parseConversation({})) == ErrorCode::malformed);
}

TEST_CASE("kinds and roles this program does not know are refused") {
  Bytes bytes = encode(sampleGroup());
  for (int value = 0; value < 256; ++value) {
    Bytes changed = bytes;
    changed[2] = static_cast<uint8_t>(value);
    if (value == 0 || value > 2) CHECK(refusal(parseConversation(changed)) == ErrorCode::unknownValue);
    changed = bytes;
    changed[5 + 16] = static_cast<uint8_t>(value);  // the role of the first grant
    if (value == 0 || value > 3) CHECK(refusal(parseConversation(changed)) == ErrorCode::unknownValue);
  }
}

TEST_CASE("a direct conversation has a pair, a group none") {
  Conversation conversation = newDirect(account(1), account(2));
  conversation.pair = {};
  CHECK(refusal(parse(conversation)) == ErrorCode::conversationPair);
  conversation = sampleGroup();
  conversation.pair = {account(1)};
  CHECK(refusal(parse(conversation)) == ErrorCode::conversationPair);
}

TEST_CASE("a pair is at most two accounts, in order, each once") {
  auto withPair = [](std::vector<AccountId> pair) {
    Writer out;
    out.u16(1);
    out.u8(2);
    write(out, pair);
    out.opaque({});
    out.opaque({});
    out.u8(0);
    return refusal(parseConversation(out.view()));
  };
  CHECK(withPair({account(2), account(1)}) == ErrorCode::notSorted);
  CHECK(withPair({account(1), account(1)}) == ErrorCode::notSorted);
  CHECK(withPair({account(1), account(2), account(3)}) == ErrorCode::tooLarge);
}

TEST_CASE("in a direct conversation exactly the pair are owners") {
  const Conversation direct = newDirect(account(1), account(2));
  Conversation changed = direct;
  changed.roles.set({account(2), Role::admin});
  CHECK(refusal(parse(changed)) == ErrorCode::conversationRoles);
  changed.roles = {{account(1), Role::owner}};
  CHECK(refusal(parse(changed)) == ErrorCode::conversationRoles);
  changed.roles = {{account(1), Role::owner}, {account(3), Role::owner}};
  CHECK(refusal(parse(changed)) == ErrorCode::conversationRoles);
  changed = direct;
  changed.roles.set({account(3), Role::owner});
  CHECK(refusal(parse(changed)) == ErrorCode::conversationRoles);
}

TEST_CASE("grants stand in the order of their accounts, one each, and never say member") {
  Conversation group = sampleGroup();
  group.roles.set({account(3), Role::member});
  CHECK(refusal(parse(group)) == ErrorCode::conversationRoles);
  auto withRoles = [](std::vector<Grant> roles) {
    Writer out;
    write(out, roles);
    return decode<Sorted<Grant, kGrantsMax>>(out.view());
  };
  CHECK(withRoles({{account(1), Role::owner}, {account(2), Role::admin}}));
  CHECK(withRoles({{account(2), Role::admin}, {account(1), Role::owner}}).error().code == DecodeError::Code::notSorted);
  CHECK(withRoles({{account(1), Role::admin}, {account(1), Role::owner}}).error().code == DecodeError::Code::notSorted);
}

TEST_CASE("a group has at most 1024 grants") {
  auto withGrants = [](std::size_t count) {
    std::vector<Grant> roles(count, Grant{{}, Role::admin});
    for (std::size_t i = 0; i < count; ++i) {
      roles[i].account.bytes[14] = static_cast<uint8_t>(i >> 8);
      roles[i].account.bytes[15] = static_cast<uint8_t>(i);
    }
    Conversation group = sampleGroup();
    group.roles = roles;
    return refusal(parse(group));
  };
  CHECK(withGrants(1024) == std::nullopt);
  CHECK(withGrants(1025) == ErrorCode::tooLarge);
  CHECK(withGrants(60'000) == ErrorCode::tooLarge);
}

TEST_CASE("a name is at most 256 bytes of UTF-8") {
  auto named = [](Bytes name) { return refusal(parse(newGroup(account(1), std::move(name)))); };
  CHECK(named({}) == std::nullopt);
  CHECK(named(Bytes(256, 'x')) == std::nullopt);
  CHECK(named(Bytes(257, 'x')) == ErrorCode::conversationName);
  CHECK(named(Bytes(1 << 20, 'x')) == ErrorCode::conversationName);
  CHECK(named({'a', 0xff}) == ErrorCode::conversationName);
}

}  // namespace
}  // namespace qpq::wire
