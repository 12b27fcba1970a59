#include "wire/inside/capabilities.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

mls::GroupContext contextOf(const Conversation& conversation) {
  return {.cipherSuite = mls::CipherSuiteId{0xF0E2},
          .groupId = toBytes(sample::kLog.bytes),
          .extensions = groupExtensions(conversation)};
}
Conversation group() { return newGroup(sample::account(1), {}); }

TEST_CASE("capabilities, required ones and extensions have their golden bytes") {
  CHECK(toHex(encode(productCapabilities())) ==
        "020001"
        "02f0e2"
        "02f0c1"
        "02000a"
        "020001");
  CHECK(toHex(encode(requiredCapabilities())) ==
        "02f0c1"
        "02000a"
        "020001");
  mls::Extensions extensions = groupExtensions(group());
  REQUIRE(extensions.items.size() == 2);
  CHECK(toHex(encode(extensions.items[0])) == "00030902f0c102000a020001");
  CHECK(extensions.items[1] == mls::Extension{mls::ExtensionType{0xF0C1}, encode(group())});
  CHECK(requiredCapabilities().metBy(productCapabilities()));
}

TEST_CASE("the exporter labels are the page's") {
  CHECK(kEphemeralExporterLabel == "qpq ephemeral");
  CHECK(kAppendExporterLabel == "qpq append");
}

TEST_CASE("terms go into a GroupInfo and come out again") {
  Terms terms = sample::commitTerms({.added = {sample::entry(1, 1)}});
  mls::Extension extension = termsExtension(terms);
  CHECK(extension.type == mls::ExtensionType{0xF0C2});
  CHECK(extension.data == encode(terms));
  mls::GroupInfo info;
  CHECK(refusal(termsOf(info)) == ErrorCode::malformed);
  info.extensions.items = {extension};
  CHECK(termsOf(info) == terms);
  info.extensions.items[0].data.push_back(0);
  CHECK(refusal(termsOf(info)) == ErrorCode::malformed);
  info.extensions.items[0].data = {2};
  CHECK(refusal(termsOf(info)) == ErrorCode::unknownValue);
}

TEST_CASE("a group of ours has the product's suite, the log's id and two extensions") {
  const mls::GroupContext context = contextOf(group());
  CHECK(checkGroupContext(context, sample::kLog) == group());
  auto refused = [&](auto spoil) {
    mls::GroupContext changed = context;
    spoil(changed);
    return refusal(checkGroupContext(changed, sample::kLog));
  };
  CHECK(refused([](auto& c) { c.cipherSuite = mls::CipherSuiteId{1}; }) == ErrorCode::otherSuite);
  CHECK(refused([](auto& c) { c.groupId[0] ^= 1; }) == ErrorCode::otherLog);
  CHECK(refused([](auto& c) { c.groupId.push_back(0); }) == ErrorCode::otherLog);
  CHECK(refused([](auto& c) { c.extensions.items.clear(); }) == ErrorCode::extensionsNotAllowed);
  CHECK(refused([](auto& c) { c.extensions.items.pop_back(); }) == ErrorCode::extensionsNotAllowed);
  CHECK(refused([](auto& c) { c.extensions.items[0].data.clear(); }) == ErrorCode::extensionsNotAllowed);
  CHECK(refused([](auto& c) { c.extensions.items[0].type = mls::ExtensionType::externalSenders; }) ==
        ErrorCode::extensionsNotAllowed);
  CHECK(refused([](auto& c) { c.extensions.items.push_back({mls::ExtensionType::externalSenders, {}}); }) ==
        ErrorCode::extensionsNotAllowed);
  CHECK(refused([](auto& c) { c.extensions.items[1].type = mls::ExtensionType{0xF0C3}; }) ==
        ErrorCode::extensionsNotAllowed);
  CHECK(refused([](auto& c) { c.extensions.items[1].data = {0, 2}; }) == ErrorCode::unknownPolicy);
  CHECK(refused([](auto& c) { std::swap(c.extensions.items[0], c.extensions.items[1]); }) == std::nullopt);
}

TEST_CASE("a change of extensions is of the conversation, of others, or of both") {
  const mls::Extensions before = groupExtensions(group());
  Conversation renamed = group();
  renamed.name = {'t'};
  CHECK(compareExtensions(before, before) == ExtensionChange{});
  mls::Extensions after = groupExtensions(renamed);
  CHECK(compareExtensions(before, after) == ExtensionChange{encode(renamed), false});
  after.items.push_back({mls::ExtensionType::externalSenders, {}});
  CHECK(compareExtensions(before, after) == ExtensionChange{encode(renamed), true});
  after = before;
  after.items[0].data.clear();
  CHECK(compareExtensions(before, after) == ExtensionChange{std::nullopt, true});
  after = before;
  after.items.pop_back();
  CHECK(compareExtensions(before, after) == ExtensionChange{std::nullopt, true});
}

}  // namespace
}  // namespace qpq::wire
