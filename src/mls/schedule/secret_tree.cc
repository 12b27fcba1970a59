#include "mls/schedule/secret_tree.h"

#include <limits>

#include "crypto/aead.h"
#include "mls/schedule/labelled.h"
#include "mls/tree/math.h"

namespace qpq::mls {
namespace {

constexpr uint32_t kGenerationMax = std::numeric_limits<uint32_t>::max();

// One step of a ratchet: its key, or the secret of the next generation.
SecretBytes derive(const crypto::Suite& suite, const SecretBytes& secret, std::string_view label, Generation generation,
                   std::size_t size) {
  return deriveTreeSecret(suite, secret.expose(), label, generation.value, size);
}
AeadKey keyAt(const crypto::Suite& suite, const SecretBytes& secret, Generation generation) {
  return {derive(suite, secret, "key", generation, crypto::aeadKeySize(suite.aead)),
          derive(suite, secret, "nonce", generation, crypto::kAeadNonceSize)};
}
SecretBytes secretAfter(const crypto::Suite& suite, const SecretBytes& secret, Generation generation) {
  return derive(suite, secret, "secret", generation, crypto::hashSize(suite.hash));
}

RecordKey ratchetKey(LeafIndex leaf, RatchetType type) {
  return {RecordKind::ratchet, leaf.value, static_cast<uint8_t>(type)};
}
RecordKey skippedKey(LeafIndex leaf, RatchetType type, Generation generation) {
  return {RecordKind::skippedKey, leaf.value, static_cast<uint8_t>(type), generation.value};
}

}  // namespace

// Where the derivation of a key begins: a ratchet in use, or one just made from the leaf's secret.
struct SecretTree::Start {
  Generation next;
  SecretBytes secret;
  std::optional<NodeIndex> expanded;
  std::vector<std::pair<NodeIndex, SecretBytes>> copath;
  std::optional<SecretBytes> otherRatchet;
};

SecretTree::SecretTree(const crypto::Suite& suite, uint32_t leafCount, SecretBytes encryptionSecret)
    : suite_(&suite), leafCount_(leafCount) {
  if (!encryptionSecret.empty()) nodes_.emplace(root(leafCount), std::move(encryptionSecret));
}

Result<SecretTree::Start> SecretTree::start(RatchetId id) const {
  Start start;
  if (auto found = ratchets_.find(id); found != ratchets_.end()) {
    start.next = found->second.next;
    start.secret = found->second.secret.clone();
    return start;
  }
  if (id.leaf.value >= leafCount_) return fail(ErrorCode::unknownSender, id.leaf.value);
  NodeIndex node = toNode(id.leaf);
  while (!nodes_.contains(node)) {
    // Every leaf has ratchets or a secret above it; only a state that was tampered with has neither.
    auto above = parent(node, leafCount_);
    if (!above) return fail(ErrorCode::unknownSender, id.leaf.value);
    node = *above;
  }
  start.expanded = node;
  std::size_t size = crypto::hashSize(suite_->hash);
  auto child = [&](const SecretBytes& secret, NodeIndex at) {
    return expandWithLabel(*suite_, secret.expose(), "tree", asBytes(at < node ? "left" : "right"), size);
  };
  SecretBytes secret = nodes_.at(node).clone();
  while (!isLeaf(node)) {
    NodeIndex next = childTowards(node, id.leaf);
    NodeIndex other = *sibling(next, leafCount_);
    start.copath.emplace_back(other, child(secret, other));
    secret = child(secret, next);
    node = next;
  }
  SecretBytes handshake = expandWithLabel(*suite_, secret.expose(), "handshake", {}, size);
  SecretBytes application = expandWithLabel(*suite_, secret.expose(), "application", {}, size);
  if (id.type == RatchetType::application) std::swap(handshake, application);
  start.secret = std::move(handshake);
  start.otherRatchet = std::move(application);
  return start;
}

Result<StagedKey> SecretTree::stage(LeafIndex leaf, RatchetType type, Generation generation,
                                    const RatchetWindow& window) const {
  RatchetId id{leaf, type};
  if (auto ratchet = ratchets_.find(id); ratchet != ratchets_.end() && generation < ratchet->second.next) {
    auto skipped = ratchet->second.skipped.find(generation);
    if (skipped == ratchet->second.skipped.end()) return fail(ErrorCode::generationUsed, generation.value);
    StagedKey staged;
    staged.leaf_ = leaf;
    staged.type_ = type;
    staged.generation_ = generation;
    staged.key_ = {skipped->second.key.clone(), skipped->second.nonce.clone()};
    return staged;
  }
  return stageAhead(id, generation, window.forwardStepsMax, window.skippedKeysMax);
}

Result<StagedKey> SecretTree::stageNext(LeafIndex leaf, RatchetType type) const {
  RatchetId id{leaf, type};
  auto ratchet = ratchets_.find(id);
  return stageAhead(id, ratchet == ratchets_.end() ? Generation{} : ratchet->second.next, 0, 0);
}

Result<StagedKey> SecretTree::stageAhead(RatchetId id, Generation generation, uint32_t stepsMax,
                                         uint32_t skippedKeysMax) const {
  // The last generation would leave no number for the one after it.
  if (generation.value == kGenerationMax) return fail(ErrorCode::generationsSpent, generation.value);
  auto ratchet = ratchets_.find(id);
  uint32_t next = ratchet == ratchets_.end() ? 0 : ratchet->second.next.value;
  // Before anything is derived: one forged number must not buy an attacker our time.
  if (generation.value - next > stepsMax) return fail(ErrorCode::generationTooFar, generation.value);

  Start from = TRY(start(id));
  StagedKey staged;
  for (Generation at = from.next; at < generation; ++at.value) {
    if (generation.value - at.value <= skippedKeysMax)
      staged.skipped_.emplace_back(at, keyAt(*suite_, from.secret, at));
    from.secret = secretAfter(*suite_, from.secret, at);
  }
  staged.leaf_ = id.leaf;
  staged.type_ = id.type;
  staged.generation_ = generation;
  staged.key_ = keyAt(*suite_, from.secret, generation);
  staged.nextSecret_ = secretAfter(*suite_, from.secret, generation);
  staged.expanded_ = from.expanded;
  staged.copath_ = std::move(from.copath);
  staged.otherRatchet_ = std::move(from.otherRatchet);
  return staged;
}

std::vector<RecordKey> SecretTree::consume(StagedKey staged, const RatchetWindow& window) {
  std::vector<RecordKey> changed;
  RatchetId id{staged.leaf_, staged.type_};
  if (!staged.nextSecret_) {
    ratchets_.at(id).skipped.erase(staged.generation_);
    return {skippedKey(id.leaf, id.type, staged.generation_)};
  }
  if (staged.expanded_) {
    // §9.2: a secret is consumed with the first key derived from it.
    nodes_.erase(*staged.expanded_);
    changed.push_back({RecordKind::treeSecret, staged.expanded_->value});
    for (auto& [node, secret] : staged.copath_) {
      nodes_.insert_or_assign(node, std::move(secret));
      changed.push_back({RecordKind::treeSecret, node.value});
    }
    RatchetType other = id.type == RatchetType::handshake ? RatchetType::application : RatchetType::handshake;
    ratchets_[{id.leaf, other}] = {.next = {}, .secret = std::move(*staged.otherRatchet_), .skipped = {}};
    changed.push_back(ratchetKey(id.leaf, other));
  }
  Ratchet& ratchet = ratchets_[id];
  ratchet.next = {staged.generation_.value + 1};
  ratchet.secret = std::move(*staged.nextSecret_);
  changed.push_back(ratchetKey(id.leaf, id.type));
  for (auto& [generation, key] : staged.skipped_) {
    ratchet.skipped.insert_or_assign(generation, std::move(key));
    changed.push_back(skippedKey(id.leaf, id.type, generation));
  }
  trim(id, ratchet, window.skippedKeysMax, changed);
  return changed;
}

void SecretTree::trim(RatchetId id, Ratchet& ratchet, uint32_t skippedKeysMax, std::vector<RecordKey>& changed) {
  while (ratchet.skipped.size() > skippedKeysMax) {
    changed.push_back(skippedKey(id.leaf, id.type, ratchet.skipped.begin()->first));
    ratchet.skipped.erase(ratchet.skipped.begin());
  }
}

std::vector<RecordKey> SecretTree::keys() const {
  std::vector<RecordKey> keys;
  for (const auto& [node, secret] : nodes_) keys.push_back({RecordKind::treeSecret, node.value});
  for (const auto& [id, ratchet] : ratchets_) {
    keys.push_back(ratchetKey(id.leaf, id.type));
    for (const auto& [generation, key] : ratchet.skipped) keys.push_back(skippedKey(id.leaf, id.type, generation));
  }
  return keys;
}

std::optional<SecretBytes> SecretTree::record(const RecordKey& key) const {
  if (key.kind == RecordKind::treeSecret) {
    auto found = nodes_.find({key.a});
    if (found == nodes_.end()) return std::nullopt;
    return found->second.clone();
  }
  auto found = ratchets_.find({{key.a}, static_cast<RatchetType>(key.b)});
  if (found == ratchets_.end()) return std::nullopt;
  SecretWriter out;
  if (key.kind == RecordKind::ratchet) {
    write(out, found->second.next);
    out.bytes(found->second.secret.expose());
    return SecretBytes(std::move(out).take());
  }
  auto skipped = found->second.skipped.find({key.c});
  if (skipped == found->second.skipped.end()) return std::nullopt;
  out.bytes(skipped->second.key.expose());
  out.bytes(skipped->second.nonce.expose());
  return SecretBytes(std::move(out).take());
}

Decoded<void> SecretTree::restore(const RecordKey& key, ByteView value) {
  Reader in(value);
  std::size_t secretSize = crypto::hashSize(suite_->hash);
  if (key.kind == RecordKind::treeSecret) {
    nodes_[{key.a}] = SecretBytes(TRY(in.bytes(secretSize)));
    return in.finish();
  }
  RatchetId id{{key.a}, static_cast<RatchetType>(key.b)};
  if (!isKnown(id.type) || key.a >= leafCount_) return in.fail(DecodeError::Code::invalid);
  if (key.kind == RecordKind::ratchet) {
    Ratchet& ratchet = ratchets_[id];
    ratchet.next = TRY(read<Generation>(in));
    ratchet.secret = SecretBytes(TRY(in.bytes(secretSize)));
  } else {
    auto ratchet = ratchets_.find(id);
    if (ratchet == ratchets_.end()) return in.fail(DecodeError::Code::invalid);
    SecretBytes messageKey(TRY(in.bytes(crypto::aeadKeySize(suite_->aead))));
    ratchet->second.skipped[{key.c}] = {std::move(messageKey), SecretBytes(TRY(in.bytes(crypto::kAeadNonceSize)))};
  }
  return in.finish();
}

}  // namespace qpq::mls
