#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/limits.h"
#include "mls/message/types.h"
#include "mls/record.h"
#include "mls/schedule/key_schedule.h"

// RFC 9420 §9: the keys of an epoch's messages. Every leaf has a ratchet for handshakes and one for application
// messages; every key is used once and is gone before anybody sees what it opened.
//
// Taking a key has two steps, because a message may still prove false after its key was found: stage() computes the key
// and the state after it and changes nothing; consume() makes that state the tree's.
namespace qpq::mls {

enum class RatchetType : uint8_t { handshake = 1, application = 2 };
constexpr bool isKnown(RatchetType type) { return type == RatchetType::handshake || type == RatchetType::application; }

struct RatchetWindow {
  uint32_t forwardStepsMax = kForwardStepsMax;  // generations a message may lie ahead of the newest seen of its sender
  uint32_t skippedKeysMax = kSkippedKeysMax;    // keys kept per ratchet for messages that were overtaken
  bool operator==(const RatchetWindow&) const = default;
  static constexpr auto fields() { return std::tuple{&RatchetWindow::forwardStepsMax, &RatchetWindow::skippedKeysMax}; }
};

class StagedKey {
 public:
  LeafIndex leaf() const { return leaf_; }
  Generation generation() const { return generation_; }
  const AeadKey& key() const { return key_; }

 private:
  friend class SecretTree;
  LeafIndex leaf_;
  RatchetType type_{};
  Generation generation_;
  AeadKey key_;
  // The state after: nothing of it is set where a skipped key was taken.
  std::optional<SecretBytes> nextSecret_;                // of the ratchet, for generation_ + 1
  std::vector<std::pair<Generation, AeadKey>> skipped_;  // overtaken generations, ascending
  // Where the leaf's first key was derived: the node it came from, what stays of that node, the ratchet not asked for.
  std::optional<NodeIndex> expanded_;
  std::vector<std::pair<NodeIndex, SecretBytes>> copath_;
  std::optional<SecretBytes> otherRatchet_;
};

class SecretTree {
 public:
  SecretTree() = default;  // holds no secret: every leaf is unknown
  // leafCount: the width of the ratchet tree, a power of two.
  SecretTree(const crypto::Suite& suite, uint32_t leafCount, SecretBytes encryptionSecret);

  // generationUsed, generationTooFar (index: the generation), unknownSender if there is no such leaf. The work is
  // bounded by the window.
  Result<StagedKey> stage(LeafIndex leaf, RatchetType type, Generation generation, const RatchetWindow& window) const;
  // The next unused key of a leaf, to send with. generationsSpent after 2^32 - 1 messages.
  Result<StagedKey> stageNext(LeafIndex leaf, RatchetType type) const;
  // Names the records that changed. `staged` comes from this tree, with no consume() in between.
  std::vector<RecordKey> consume(StagedKey staged, const RatchetWindow& window);

  std::vector<RecordKey> keys() const;
  std::optional<SecretBytes> record(const RecordKey& key) const;
  // In the order of the keys: a ratchet before the keys it skipped. Both throw nothing on foreign bytes.
  Decoded<void> restore(const RecordKey& key, ByteView value);

 private:
  struct RatchetId {
    LeafIndex leaf;
    RatchetType type{};
    auto operator<=>(const RatchetId&) const = default;
  };
  struct Ratchet {
    Generation next;
    SecretBytes secret;
    std::map<Generation, AeadKey> skipped;
  };
  struct Start;

  Result<Start> start(RatchetId id) const;
  Result<StagedKey> stageAhead(RatchetId id, Generation generation, uint32_t stepsMax, uint32_t skippedKeysMax) const;
  void trim(RatchetId id, Ratchet& ratchet, uint32_t skippedKeysMax, std::vector<RecordKey>& changed);

  const crypto::Suite* suite_ = nullptr;
  uint32_t leafCount_ = 0;
  std::map<NodeIndex, SecretBytes> nodes_;  // of subtrees from which no leaf has been derived
  std::map<RatchetId, Ratchet> ratchets_;
};

}  // namespace qpq::mls
