#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/secret.h"

// How the state of a group leaves this room: as named records, so that a message costs the bytes of one ratchet and a
// commit those of what it changed. The caller writes them in the transaction that also keeps what the message said.
namespace qpq::mls {

// The first byte of a key. These values stand in databases and are never given another meaning.
enum class RecordKind : uint8_t {
  group = 1,            // version of all records, suite, own leaf, policy
  epoch = 2,            // GroupContext
  secrets = 3,          // the epoch's secrets and the own signature key; absent once we have been removed
  node = 4,             // a: node of the ratchet tree
  privateKey = 5,       // a: node whose private key we hold
  treeSecret = 6,       // a: node of the secret tree, not expanded yet
  ratchet = 7,          // a: leaf, b: RatchetType
  skippedKey = 8,       // a: leaf, b: RatchetType, c: generation
  proposal = 9,         // a: order of arrival
  allowance = 10,       // by how much a told gap has lengthened the ratchets of this epoch
  resumptionPsk = 11,   // a, c: upper and lower half of a past epoch's number
  pendingCommit = 12,   // an own commit nothing has decided yet
  exporterSecret = 13,  // a: node of the exporter tree
  updateKeys = 14,      // a: order of arrival of the own Update proposal they belong to
  reInit = 15,          // the ReInit that ended the group
  transcript = 16,      // of a public group: interim_transcript_hash
};
constexpr bool isKnown(RecordKind kind) { return kind >= RecordKind::group && kind <= RecordKind::transcript; }

struct RecordKey {
  RecordKind kind{};
  uint32_t a = 0;
  uint8_t b = 0;
  uint32_t c = 0;

  auto operator<=>(const RecordKey&) const = default;
  static constexpr auto fields() { return std::tuple{&RecordKey::kind, &RecordKey::a, &RecordKey::b, &RecordKey::c}; }
};

struct Record {
  Bytes key;  // sorts in the order of RecordKey; unique within a group
  SecretBytes value;
};

// What the last operations changed, in the order of the keys: write the values, erase where there is none.
struct RecordChange {
  Bytes key;
  std::optional<SecretBytes> value;
};
using Delta = std::vector<RecordChange>;

}  // namespace qpq::mls
