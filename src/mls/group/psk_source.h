#pragma once

#include <map>
#include <span>

#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/psk.h"

namespace qpq::mls {

// RFC 9420 §8.4: a key both sides have from elsewhere. Borrowed.
struct ExternalPskKey {
  Bytes id;
  ByteView key;
};

// RFC 9420 §8.6: the resumption_psk of an epoch of another group, or of one too old for the group to have kept.
// Borrowed.
struct ResumptionPskKey {
  Bytes groupId;
  Epoch epoch;
  ByteView key;
};

// RFC 9420 §11.2, §11.3: an epoch of the group this one comes from; its key enters the first commit, and no other.
struct PredecessorPsk {
  ResumptionPSKUsage usage{};
  ResumptionPskKey key;
};

// Where the keys that PreSharedKeyIDs name are looked up: what the application gives, and the resumption_psk of epochs
// of the group itself.
struct PskSource {
  std::span<const ExternalPskKey> external;
  std::span<const ResumptionPskKey> resumption = {};
  ByteView groupId = {};
  const std::map<Epoch, SecretBytes>* past = nullptr;
  Epoch current{};
  ByteView currentResumptionPsk = {};
  std::span<const PredecessorPsk> predecessors = {};
};

// psk_secret of the keys in their order. unknownPsk, pskUsage (index: place in the list).
Result<SecretBytes> pskSecretOf(const crypto::Suite& suite, const PreSharedKeyIDs& ids, const PskSource& source);

}  // namespace qpq::mls
