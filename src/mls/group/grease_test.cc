#include "mls/message/grease.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"

namespace qpq::mls {
namespace {

TEST_CASE("the fifteen reserved values are known, and no other (RFC 9420 §13.5)") {
  int count = 0;
  for (uint32_t value = 0; value <= 0xffff; ++value) count += isGrease(static_cast<uint16_t>(value)) ? 1 : 0;
  CHECK(count == 15);
  for (uint16_t value : std::initializer_list<uint16_t>{0x0a0a, 0x1a1a, 0x9a9a, 0xeaea}) CHECK(isGrease(value));
  for (uint16_t value : std::initializer_list<uint16_t>{0xfafa, 0x0a1a, 0x0b0b, 0x000a}) CHECK_FALSE(isGrease(value));
}

TEST_CASE("what is added is taken away again, and an extension has a type of its own") {
  GroupScene scene;
  Capabilities can = scene.capabilities();
  for (int i = 0; i < 20; ++i) {
    Capabilities mixed = can;
    addGrease(mixed, scene.random);
    CHECK(mixed != can);
    CHECK(withoutGrease(mixed) == can);
  }
  Extensions extensions;
  for (int i = 0; i < 10; ++i) CHECK(isGrease(static_cast<uint16_t>(addGrease(extensions, scene.random))));
  CHECK_FALSE(extensions.hasDuplicate());
}

TEST_CASE("a group works as ever when everybody says values that mean nothing") {
  GroupScene scene;
  scene.foundAlone("alice");
  CommitPlan plan;
  for (const char* name : {"bob", "carol"}) {
    auto& owner = scene.client(name);
    KeyPackageOptions options{.credential = {BasicCredential{toBytes(asBytes(name))}},
                              .capabilities = scene.capabilities(),
                              .lifetime = GroupScene::lifetime()};
    addGrease(options.capabilities, scene.random);
    options.capabilities.extensions.push_back(addGrease(options.leafExtensions, scene.random));
    options.capabilities.extensions.push_back(addGrease(options.extensions, scene.random));
    owner.package = createKeyPackage(scene.suite, owner.signer, std::move(options), scene.random).value();
    plan.adds.push_back(VerifiedKeyPackage::check(owner.package->keyPackage, scene.suite, kNow).value());
  }
  Extensions more;
  addGrease(more, scene.random);
  scene.commit("alice", plan, {.groupInfoExtensions = more});
  CHECK(scene.say("bob", "hello") == 2);
  scene.commit("carol", {});
}

TEST_CASE("a value that means nothing is refused where it would have to mean something") {
  GroupScene scene;
  scene.found({"alice", "bob"});
  CHECK(scene["alice"].propose({UnknownProposal{ProposalType{0x0a0a}, {}}}, {}, scene.random).error().code ==
        ErrorCode::unsupportedProposal);
  Extensions extensions = GroupScene::requiredCapabilities();
  extensions.items.push_back({ExtensionType{0x1a1a}, {}});
  CHECK(scene["alice"].commit({.groupContextExtensions = extensions}, {}, scene.random).error().code ==
        ErrorCode::groupExtensionUnsupported);
}

}  // namespace
}  // namespace qpq::mls
