#pragma once

#include <map>
#include <utility>
#include <vector>

#include "crypto/suite.h"
#include "mls/message/group_info.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/treekem.h"
#include "mls/tree/update_path.h"
#include "mls/tree/validate.h"
#include "support/seeded_random.h"

namespace qpq::mls {

inline Capabilities capabilitiesFor(const crypto::Suite& suite) {
  return {.versions = {ProtocolVersion::mls10},
          .cipherSuites = {CipherSuiteId{suite.id}},
          .extensions = {ExtensionType{0xf0c1}},
          .proposals = {ProposalType::selfRemove},
          .credentials = {CredentialType::basic}};
}

// What a commit does to the tree, in the order of RFC 9420 §12.3.
struct TreeChange {
  std::vector<LeafIndex> updates;
  std::vector<LeafIndex> removes;
  uint32_t adds = 0;
};

// A group with all its members in one place: the real tree and the real keys, no messages around them.
class TreeScene {
 public:
  struct Member {
    crypto::SignatureKeyPair signer;
    TreeKeys keys;
  };

  TreeScene(const crypto::Suite& suite, uint64_t seed): suite(suite), random(seed), tree(foundingTree()) {}

  // Applies the change and a path of the committer. Every member but the committer reads the path, every newcomer takes
  // its path secret. Throws if they do not all arrive at the same secrets.
  void commit(LeafIndex committer, const TreeChange& change = {}) {
    RatchetTree next = tree;
    std::map<LeafIndex, SecretBytes> updatedKeys;
    for (LeafIndex index : change.updates) updatedKeys.emplace(index, update(next, index));
    for (LeafIndex index : change.removes) next.remove(index).value();
    std::map<LeafIndex, Member> newcomers;
    for (uint32_t i = 0; i < change.adds; ++i) {
      auto [leaf, member] = newMember();
      LeafIndex place = next.add(leaf).value();
      newcomers.emplace(place, Member{std::move(member.signer), TreeKeys(place, std::move(member.leafKey))});
    }
    std::vector<LeafIndex> added;
    for (auto& [place, member] : newcomers) added.push_back(place);

    std::map<LeafIndex, Member> after;
    for (auto& [index, member] : members) {
      if (std::ranges::contains(change.removes, index)) continue;
      TreeKeys keys = member.keys.carriedOver(tree, next);
      if (auto updated = updatedKeys.find(index); updated != updatedKeys.end()) {
        keys.set(toNode(index), std::move(updated->second));
      }
      after.emplace(index, Member{{member.signer.privateKey.clone(), member.signer.publicKey}, std::move(keys)});
    }
    const Member& author = after.at(committer);
    NewPath made =
        makePath(next, author.keys, *next.leaf(committer), groupId, author.signer.privateKey.expose(), random).value();
    lastPath = sealPath(made, added, encode(contextOf(made.tree)), random).value();

    RatchetTree merged = mergePath(next, groupId, committer, lastPath, added).value();
    for (auto& [index, member] : after) {
      if (index == committer) continue;
      OpenedPath opened = openPath(merged, member.keys, committer, lastPath, added, encode(contextOf(merged))).value();
      require(constantTimeEqual(opened.commitSecret.expose(), made.commitSecret.expose()));
      member.keys = std::move(opened.keys);
    }
    after.at(committer).keys = made.keys.clone();
    for (auto& [place, member] : newcomers) {
      member.keys =
          keysOfNewcomer(merged, place, member.keys.find(toNode(place))->clone(), committer, made.secretFor(place))
              .value();
      after.emplace(place, std::move(member));
    }
    require(equal(merged.treeHash(), made.tree.treeHash()));
    std::vector<LeafIndex> changed = added;
    changed.insert(changed.end(), change.updates.begin(), change.updates.end());
    changed.push_back(committer);
    validateChangedLeaves(merged, contextOf(merged), changed).value();
    tree = std::move(merged);
    members = std::move(after);
  }

  GroupContext contextOf(const RatchetTree& of) const {
    return {.cipherSuite = CipherSuiteId{suite.id}, .groupId = groupId, .treeHash = toBytes(of.treeHash())};
  }
  GroupContext context() const { return contextOf(tree); }

  LeafIndex anyMember() {
    auto member = members.begin();
    std::advance(member, static_cast<std::ptrdiff_t>(random.below(members.size())));
    return member->first;
  }

  struct NewMember {
    crypto::SignatureKeyPair signer;
    SecretBytes leafKey;
  };
  // A leaf as in a key package, and its private keys.
  std::pair<LeafNode, NewMember> newMember() {
    auto signer = crypto::generateSignatureKey(suite.signature, random);
    auto pair = crypto::generateKemKeyPair(suite.kem, random);
    LeafNode leaf{.encryptionKey = std::move(pair.publicKey),
                  .signatureKey = signer.publicKey,
                  .credential = {BasicCredential{toBytes(asBytes("member " + std::to_string(++born)))}},
                  .capabilities = capabilitiesFor(suite),
                  .source = {Lifetime{0, 1'000'000}}};
    leaf = signLeafNode(suite, std::move(leaf), {}, {}, signer.privateKey.expose()).value();
    return {std::move(leaf), NewMember{std::move(signer), std::move(pair.privateKey)}};
  }

  const crypto::Suite& suite;
  test::SeededRandom random;
  Bytes groupId = toBytes(asBytes("a group"));
  uint32_t born = 0;
  std::map<LeafIndex, Member> members;
  RatchetTree tree;
  UpdatePath lastPath;

 private:
  static void require(bool condition) {
    if (!condition) throw std::logic_error("members of one commit disagree");
  }

  RatchetTree foundingTree() {
    auto [leaf, member] = newMember();
    members.emplace(LeafIndex{0}, Member{std::move(member.signer), TreeKeys({0}, std::move(member.leafKey))});
    return RatchetTree(suite, leaf);
  }

  SecretBytes update(RatchetTree& next, LeafIndex index) {
    auto pair = crypto::generateKemKeyPair(suite.kem, random);
    LeafNode leaf = *next.leaf(index);
    leaf.encryptionKey = std::move(pair.publicKey);
    leaf.source = {UpdateSource{}};
    leaf = signLeafNode(suite, std::move(leaf), groupId, index, members.at(index).signer.privateKey.expose()).value();
    checkReplacement(*next.encryptionKey(toNode(index)), leaf, LeafNodeSource::update).value();
    next.update(index, leaf).value();
    return std::move(pair.privateKey);
  }
};

}  // namespace qpq::mls
