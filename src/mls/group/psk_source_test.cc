#include "mls/group/psk_source.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"

namespace qpq::mls {
namespace {

PreSharedKeyID resumption(Epoch epoch, Bytes groupId = {1}) {
  return {.psk = {ResumptionPSK{ResumptionPSKUsage::application, std::move(groupId), epoch}}, .pskNonce = Bytes(48)};
}

TEST_CASE("keys are found by id, by epoch, and only in their own group") {
  std::map<Epoch, SecretBytes> past;
  past.emplace(Epoch{3}, SecretBytes(Bytes(48, 3)));
  Bytes current(48, 4);
  Bytes external(32, 5);
  std::vector<ExternalPskKey> keys{{{9}, external}};
  Bytes groupId{1};
  PskSource source{
      .external = keys, .groupId = groupId, .past = &past, .current = {4}, .currentResumptionPsk = current};
  auto secret = [&](PreSharedKeyIDs ids) { return pskSecretOf(crypto::kProductSuite, ids, source); };
  CHECK(secret({resumption({3})}));
  CHECK(secret({resumption({4})}));
  CHECK(secret({{.psk = {ExternalPSK{{9}}}}}));
  CHECK(secret({resumption({3}), resumption({5})}).error() == Error(ErrorCode::unknownPsk, 1));
  CHECK(secret({resumption({3}, {2})}).error() == Error(ErrorCode::unknownPsk, 0));
  CHECK(secret({{.psk = {ExternalPSK{{8}}}}}).error() == Error(ErrorCode::unknownPsk, 0));
  CHECK(toHex(secret({})->expose()) == std::string(96, '0'));
}

TEST_CASE("of past epochs a group keeps as many resumption keys as limits.h says") {
  GroupScene scene;
  scene.found({"alice", "bob"});
  for (int i = 0; i < 7; ++i) scene.commit("alice", {});
  std::vector<uint32_t> epochs;
  for (const auto& [bytes, value] : saved(scene["bob"])) {
    RecordKey key = decode<RecordKey>(bytes).value();
    if (key.kind == RecordKind::resumptionPsk) epochs.push_back(key.c);
  }
  CHECK(epochs == std::vector<uint32_t>{4, 5, 6, 7});
}

}  // namespace
}  // namespace qpq::mls
