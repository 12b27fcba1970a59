#include "mls/tree/treekem.h"

#include <map>

#include "mls/message/group_info.h"
#include "mls/message/ratchet_tree.h"
#include "mls/tree/math.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/update_path.h"
#include "mls_vectors/checks.h"
#include "mls_vectors/expect.h"
#include "support/seeded_random.h"

namespace qpq::mls::vectors {

using test::Json;

namespace {

struct Member {
  TreeKeys keys;
  SecretBytes signatureKey;
};
using Members = std::map<LeafIndex, Member>;

Members membersOf(const Json& vector, const RatchetTree& tree) {
  Members members;
  for (const Json& leaf : vector["leaves_private"].items()) {
    LeafIndex self{number32(leaf["index"])};
    TreeKeys keys(self, kemKey(tree.suite(), leaf["encryption_priv"]));
    for (const Json& path : leaf["path_secrets"].items()) {
      keys.setPathSecret(tree.suite(), {number32(path["node"])}, path["path_secret"].hex());
    }
    must(keys.check(tree), "leaves_private");
    members.emplace(self, Member{std::move(keys), signatureKey(tree.suite(), leaf["signature_priv"])});
  }
  return members;
}

// Everybody but the sender reads the path and arrives at `commitSecret`.
void expectReadByAll(const Members& members, const RatchetTree& merged, LeafIndex sender, const UpdatePath& path,
                     const GroupContext& context, ByteView commitSecret) {
  for (const auto& [index, member] : members) {
    if (index == sender) continue;
    OpenedPath opened = must(openPath(merged, member.keys, sender, path, {}, encode(context)), "an update path");
    must(opened.keys.check(merged), "the keys of an update path");
    expectEqual(opened.commitSecret, commitSecret, "commit_secret");
  }
}

class UpdatePaths {
 public:
  explicit UpdatePaths(const Json& vector)
      : suite_(suiteOf(vector)),
        tree_(must(RatchetTree::fromNodes(suite_, decoded<RatchetTreeNodes>(vector, "ratchet_tree")), "ratchet_tree")),
        members_(membersOf(vector, tree_)),
        context_{.cipherSuite = CipherSuiteId{suite_.id},
                 .groupId = vector["group_id"].hex(),
                 .epoch = {vector["epoch"].number()},
                 .confirmedTranscriptHash = vector["confirmed_transcript_hash"].hex()} {}

  void check(const Json& update) {
    LeafIndex sender{number32(update["sender"])};
    expect(members_.contains(sender), "update_paths.sender is no member");
    auto path = decoded<UpdatePath>(update, "update_path");
    RatchetTree merged = must(mergePath(tree_, context_.groupId, sender, path, {}), "update_path");
    expectEqual(merged.treeHash(), update["tree_hash_after"].hex(), "tree_hash_after");
    must(verifyParentHashes(merged), "the parent hashes");
    context_.treeHash = toBytes(merged.treeHash());
    expectReadByAll(members_, merged, sender, path, context_, update["commit_secret"].hex());
    checkPathSecrets(update["path_secrets"], merged, sender);
    checkFreshPath(sender);
  }

 private:
  // path_secrets[j] is the secret of the lowest node above sender and j: it makes that node's key.
  void checkPathSecrets(const Json& secrets, const RatchetTree& merged, LeafIndex sender) const {
    for (const auto& [index, member] : members_) {
      if (index == sender) continue;
      TreeKeys keys = member.keys.clone();
      NodeIndex meeting = commonAncestor(index, sender);
      expectEqual(keys.setPathSecret(suite_, meeting, secrets.at(index.value).hex()), *merged.encryptionKey(meeting),
                  "path_secrets");
    }
  }

  void checkFreshPath(LeafIndex sender) {
    const Member& author = members_.at(sender);
    NewPath made =
        must(makePath(tree_, author.keys, *tree_.leaf(sender), context_.groupId, author.signatureKey.expose(), random_),
             "an own path");
    must(made.keys.check(made.tree), "the keys of an own path");
    context_.treeHash = toBytes(made.tree.treeHash());
    UpdatePath path = must(sealPath(made, {}, encode(context_), random_), "an own path");
    RatchetTree merged = must(mergePath(tree_, context_.groupId, sender, path, {}), "an own path");
    expectEqual(merged.treeHash(), made.tree.treeHash(), "the tree hash of an own path");
    expectReadByAll(members_, merged, sender, path, context_, made.commitSecret.expose());
  }

  const crypto::Suite& suite_;
  RatchetTree tree_;
  Members members_;
  GroupContext context_;
  test::SeededRandom random_{9420};
};

}  // namespace

void checkTreeKem(const Json& vector) {
  UpdatePaths paths(vector);
  for (const Json& update : vector["update_paths"].items()) paths.check(update);
}

}  // namespace qpq::mls::vectors
