#pragma once

#include "mls/message/encoded_only.h"
#include "mls/message/extension.h"
#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §8.1.
struct GroupContext {
  Mls10 version;
  CipherSuiteId cipherSuite{};
  Bytes groupId;
  Epoch epoch;
  Bytes treeHash;
  Bytes confirmedTranscriptHash;
  Extensions extensions;
  bool operator==(const GroupContext&) const = default;
  static constexpr auto fields() {
    return std::tuple{&GroupContext::version,   &GroupContext::cipherSuite, &GroupContext::groupId,
                      &GroupContext::epoch,     &GroupContext::treeHash,    &GroupContext::confirmedTranscriptHash,
                      &GroupContext::extensions};
  }
};

// RFC 9420 §12.4.3.
struct GroupInfo {
  GroupContext groupContext;
  Extensions extensions;
  MAC confirmationTag;
  LeafIndex signer;
  Bytes signature;
  bool operator==(const GroupInfo&) const = default;

  static constexpr auto signedFields() {
    return std::tuple{&GroupInfo::groupContext, &GroupInfo::extensions, &GroupInfo::confirmationTag,
                      &GroupInfo::signer};
  }
  static constexpr auto fields() { return std::tuple_cat(signedFields(), std::tuple{&GroupInfo::signature}); }
};

// To be encoded only.
struct GroupInfoTBS {
  using EncodedOnly = void;
  const GroupInfo& groupInfo;

  template <class W>
  void write(W& out) const {
    std::apply([&](auto... member) { (qpq::write(out, groupInfo.*member), ...); }, GroupInfo::signedFields());
  }
};

// RFC 9420 §12.4.3.2: the content of the GroupInfo extension external_pub.
struct ExternalPub {
  HPKEPublicKey externalPub;
  bool operator==(const ExternalPub&) const = default;
  static constexpr auto fields() { return std::tuple{&ExternalPub::externalPub}; }
};

}  // namespace qpq::mls
