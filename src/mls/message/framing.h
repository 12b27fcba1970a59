#pragma once

#include <variant>

#include "mls/message/commit.h"
#include "mls/message/group_info.h"
#include "mls/message/key_package.h"
#include "mls/message/proposal.h"
#include "mls/message/tagged.h"
#include "mls/message/types.h"
#include "mls/message/welcome.h"

namespace qpq::mls {

// RFC 9420 §6.
struct MemberSender {
  LeafIndex leafIndex;
  bool operator==(const MemberSender&) const = default;
  static constexpr auto fields() { return std::tuple{&MemberSender::leafIndex}; }
};

struct ExternalSenderIndex {
  uint32_t senderIndex = 0;  // into the external_senders extension
  bool operator==(const ExternalSenderIndex&) const = default;
  static constexpr auto fields() { return std::tuple{&ExternalSenderIndex::senderIndex}; }
};

using NewMemberProposal = Empty<SenderType::newMemberProposal>;
using NewMemberCommit = Empty<SenderType::newMemberCommit>;

using Sender =
    Tagged<Case<SenderType::member, MemberSender>, Case<SenderType::external, ExternalSenderIndex>,
           Case<SenderType::newMemberProposal, NewMemberProposal>, Case<SenderType::newMemberCommit, NewMemberCommit>>;

// Whether the sender is the member at `leaf`; hides nobody else behind a number.
inline bool operator==(const Sender& sender, LeafIndex leaf) {
  const auto* member = sender.as<MemberSender>();
  return member != nullptr && member->leafIndex == leaf;
}

struct ApplicationData {
  Bytes data;
  bool operator==(const ApplicationData&) const = default;
  static constexpr auto fields() { return std::tuple{&ApplicationData::data}; }
};

using Content = Tagged<Case<ContentType::application, ApplicationData>, Case<ContentType::proposal, Proposal>,
                       Case<ContentType::commit, Commit>>;

struct FramedContent {
  Bytes groupId;
  Epoch epoch;
  Sender sender;
  Bytes authenticatedData;
  Content content;
  bool operator==(const FramedContent&) const = default;
  static constexpr auto fields() {
    return std::tuple{&FramedContent::groupId, &FramedContent::epoch, &FramedContent::sender,
                      &FramedContent::authenticatedData, &FramedContent::content};
  }
};

// RFC 9420 §6.1, to be encoded only. `groupContext` is the encoded GroupContext of the message's epoch; it is part of
// what members and joining committers sign.
struct FramedContentTBS {
  using EncodedOnly = void;
  WireFormat wireFormat;
  const FramedContent& content;
  ByteView groupContext;

  template <class W>
  void write(W& out) const {
    qpq::write(out, Mls10{});
    qpq::write(out, wireFormat);
    qpq::write(out, content);
    SenderType type = content.sender.type();
    if (type == SenderType::member || type == SenderType::newMemberCommit) out.bytes(groupContext);
  }
};

// RFC 9420 §6.1. The content type of what it authenticates decides its form, so it is passed in.
struct FramedContentAuthData {
  Bytes signature;
  MAC confirmationTag;  // of a commit, empty otherwise
  bool operator==(const FramedContentAuthData&) const = default;

  template <class W>
  void write(W& out, ContentType type) const {
    out.opaque(signature);
    if (type == ContentType::commit) out.opaque(confirmationTag);
  }
  static Decoded<FramedContentAuthData> read(Reader& in, ContentType type);
};

// RFC 9420 §6.
struct AuthenticatedContent {
  WireFormat wireFormat{};
  FramedContent content;
  FramedContentAuthData auth;
  bool operator==(const AuthenticatedContent&) const = default;

  template <class W>
  void write(W& out) const {
    qpq::write(out, wireFormat);
    qpq::write(out, content);
    auth.write(out, content.content.type());
  }
  static Decoded<AuthenticatedContent> read(Reader& in);
};

// RFC 9420 §6.2, to be encoded only: what the membership tag covers.
struct AuthenticatedContentTBM {
  using EncodedOnly = void;
  FramedContentTBS contentTbs;
  const FramedContentAuthData& auth;

  template <class W>
  void write(W& out) const {
    qpq::write(out, contentTbs);
    auth.write(out, contentTbs.content.content.type());
  }
};

// RFC 9420 §6.2.
struct PublicMessage {
  FramedContent content;
  FramedContentAuthData auth;
  MAC membershipTag;  // of a member's message, empty otherwise
  bool operator==(const PublicMessage&) const = default;

  template <class W>
  void write(W& out) const {
    qpq::write(out, content);
    auth.write(out, content.content.type());
    if (content.sender.type() == SenderType::member) out.opaque(membershipTag);
  }
  static Decoded<PublicMessage> read(Reader& in);
};

// RFC 9420 §6.3.
struct PrivateMessage {
  Bytes groupId;
  Epoch epoch;
  ContentType contentType{};
  Bytes authenticatedData;
  Bytes encryptedSenderData;
  Bytes ciphertext;
  bool operator==(const PrivateMessage&) const = default;
  static constexpr auto fields() {
    return std::tuple{&PrivateMessage::groupId,
                      &PrivateMessage::epoch,
                      &PrivateMessage::contentType,
                      &PrivateMessage::authenticatedData,
                      &PrivateMessage::encryptedSenderData,
                      &PrivateMessage::ciphertext};
  }
};

// RFC 9420 §6.3.1: what a PrivateMessage seals. Its content type stands outside, in the message.
struct PrivateMessageContent {
  using EncodedOnly = void;
  decltype(Content::body) content;
  FramedContentAuthData auth;
  std::size_t paddingSize = 0;  // zeros behind the rest
  bool operator==(const PrivateMessageContent&) const = default;

  template <class W>
  void write(W& out) const {
    std::visit([&](const auto& held) { qpq::write(out, held); }, content);
    auth.write(out, Content::Of::tag(content));
    for (std::size_t i = 0; i < paddingSize; ++i) out.u8(0);
  }
  // Takes the whole input: what follows auth is padding. `invalid` at the first padding byte that is not zero.
  static Decoded<PrivateMessageContent> read(Reader& in, ContentType type);
};

struct PrivateContentAAD {
  using EncodedOnly = void;
  ByteView groupId;
  Epoch epoch;
  ContentType contentType;
  ByteView authenticatedData;

  template <class W>
  void write(W& out) const {
    out.opaque(groupId);
    qpq::write(out, epoch);
    qpq::write(out, contentType);
    out.opaque(authenticatedData);
  }
};

// RFC 9420 §6.3.2.
struct SenderData {
  LeafIndex leafIndex;
  Generation generation;
  ByteArray<4> reuseGuard{};
  bool operator==(const SenderData&) const = default;
  static constexpr auto fields() {
    return std::tuple{&SenderData::leafIndex, &SenderData::generation, &SenderData::reuseGuard};
  }
};

struct SenderDataAAD {
  using EncodedOnly = void;
  ByteView groupId;
  Epoch epoch;
  ContentType contentType;

  template <class W>
  void write(W& out) const {
    out.opaque(groupId);
    qpq::write(out, epoch);
    qpq::write(out, contentType);
  }
};

// RFC 9420 §6.
struct MLSMessage {
  Mls10 version;
  Tagged<Case<WireFormat::publicMessage, PublicMessage>, Case<WireFormat::privateMessage, PrivateMessage>,
         Case<WireFormat::welcome, Welcome>, Case<WireFormat::groupInfo, GroupInfo>,
         Case<WireFormat::keyPackage, KeyPackage>>
      message;
  bool operator==(const MLSMessage&) const = default;
  static constexpr auto fields() { return std::tuple{&MLSMessage::version, &MLSMessage::message}; }

  WireFormat wireFormat() const { return message.type(); }
  template <class T>
  const T* as() const {
    return message.as<T>();
  }
};

}  // namespace qpq::mls
