// Who makes a commit verifies what it has not made itself, and nothing twice.

#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

TEST_CASE("an Add of somebody else is committed only if its leaf's signature holds") {
  GroupScene scene;
  scene.found({"alice", "bob"});
  KeyPackage bad = scene.package("carol").keyPackage();
  bad.leafNode.signature[0] ^= 1;
  bad.signature = signWithLabel(scene.suite, scene.client("carol").signer.privateKey.expose(), "KeyPackageTBS",
                                encode(KeyPackageTBS{bad}))
                      .value();
  Bytes proposal = scene["bob"].propose({Add{bad}}, {}, scene.random).value();
  scene.readProposal("alice", proposal);
  CommitPlan plan;
  plan.references = {scene["alice"].proposals().front()->ref};
  plan.adds.push_back(scene.package("dave"));
  auto before = saved(scene["alice"]);
  CHECK(scene["alice"].commit(plan, {}, scene.random).error().code == ErrorCode::leafSignature);
  CHECK(saved(scene["alice"]) == before);
}

TEST_CASE("a signature key whose halves do not belong together is found out before it is committed") {
  GroupScene scene;
  scene.found({"alice", "bob"});
  crypto::SignatureKeyPair mixed = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  mixed.publicKey = crypto::generateSignatureKey(scene.suite.signature, scene.random).publicKey;
  CommitPlan plan;
  plan.ownLeaf.signatureKey = &mixed;
  CHECK(scene["alice"].commit(plan, {}, scene.random).error() == Error(ErrorCode::leafSignature, 0));
}

TEST_CASE("a signature key of another length is no key to commit with") {
  GroupScene scene;
  scene.found({"alice", "bob"});
  crypto::SignatureKeyPair cut = crypto::generateSignatureKey(scene.suite.signature, scene.random);
  cut.privateKey = SecretBytes(cut.privateKey.expose().first(31));
  CommitPlan plan;
  plan.ownLeaf.signatureKey = &cut;
  CHECK(scene["alice"].commit(plan, {}, scene.random).error() == Error(ErrorCode::cryptoFailure));
}

}  // namespace
}  // namespace qpq::mls
