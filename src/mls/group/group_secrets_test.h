#pragma once

#include <vector>

#include "mls/group/epoch_records.h"
#include "mls/group/group.h"

namespace qpq::mls {

// Every secret of the group's epoch but the resumption_psk, which may be kept for some epochs more, and the private
// keys of the tree, which live as long as their nodes.
inline std::vector<Bytes> secretsOf(const Group& group) {
  std::vector<Bytes> secrets;
  for (const Record& record : group.save()) {
    ByteView value = record.value.expose();
    switch (decode<RecordKey>(record.key).value().kind) {
      case RecordKind::secrets: {
        EpochParts parts;
        parts.readSecrets(value).value();
        const EpochSecrets& s = parts.secrets;
        for (const SecretBytes* secret : {&s.senderDataSecret, &s.exporterSecret, &s.externalSecret, &s.confirmationKey,
                                          &s.membershipKey, &s.initSecret}) {
          secrets.push_back(toBytes(secret->expose()));
        }
        break;
      }
      case RecordKind::ratchet: value = value.last(crypto::hashSize(group.suite().hash)); [[fallthrough]];
      case RecordKind::treeSecret:
      case RecordKind::skippedKey:
      case RecordKind::exporterSecret: secrets.push_back(toBytes(value)); break;
      default: break;
    }
  }
  return secrets;
}

// Of the nodes above a member, and its own.
inline std::vector<Bytes> privateKeysOf(const Group& group) {
  std::vector<Bytes> keys;
  for (const Record& record : group.save()) {
    if (decode<RecordKey>(record.key).value().kind == RecordKind::privateKey) {
      keys.push_back(toBytes(record.value.expose()));
    }
  }
  return keys;
}

}  // namespace qpq::mls
