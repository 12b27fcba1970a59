#include "mls/message/framing.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::mls {
namespace {

using Code = DecodeError::Code;

Bytes hex(std::string_view text) { return *fromHex(text); }

FramedContent content(Sender sender, decltype(Content::body) body) {
  return {.groupId = hex("aabb"),
          .epoch = {5},
          .sender = std::move(sender),
          .authenticatedData = hex("cc"),
          .content = {std::move(body)}};
}

TEST_CASE("a PrivateMessage has the bytes of RFC 9420 §6.3") {
  MLSMessage message{.message = {PrivateMessage{.groupId = hex("aabb"),
                                                .epoch = {5},
                                                .contentType = ContentType::commit,
                                                .authenticatedData = hex("cc"),
                                                .encryptedSenderData = hex("dd"),
                                                .ciphertext = hex("ee")}}};
  Bytes bytes =
      hex("0001"
          "0002"
          "02aabb"
          "0000000000000005"
          "03"
          "01cc"
          "01dd"
          "01ee");
  CHECK(encode(message) == bytes);
  CHECK(decode<MLSMessage>(bytes) == message);
  CHECK(message.wireFormat() == WireFormat::privateMessage);
  CHECK(message.as<PrivateMessage>()->epoch == Epoch{5});
  CHECK(message.as<Welcome>() == nullptr);
}

TEST_CASE("a PublicMessage carries a membership tag exactly when a member sent it") {
  PublicMessage message{.content = content({MemberSender{{7}}}, Proposal{Remove{{9}}}),
                        .auth = {.signature = hex("11")},
                        .membershipTag = hex("22")};
  Bytes bytes =
      hex("02aabb"
          "0000000000000005"
          "01"
          "00000007"
          "01cc"
          "02"
          "0003"
          "00000009"
          "0111"
          "0122");
  CHECK(encode(message) == bytes);
  CHECK(decode<PublicMessage>(bytes) == message);

  message.content.sender = {ExternalSenderIndex{1}};
  message.membershipTag.clear();
  bytes =
      hex("02aabb"
          "0000000000000005"
          "02"
          "00000001"
          "01cc"
          "02"
          "0003"
          "00000009"
          "0111");
  CHECK(encode(message) == bytes);
  CHECK(decode<PublicMessage>(bytes) == message);

  for (std::string_view sender : {"03", "04"}) {
    bytes =
        hex("02aabb"
            "0000000000000005" +
            std::string(sender) +
            "01cc"
            "02"
            "0003"
            "00000009"
            "0111");
    CHECK(encode(*decode<PublicMessage>(bytes)) == bytes);
  }
}

TEST_CASE("a confirmation tag stands exactly behind a commit") {
  AuthenticatedContent message{.wireFormat = WireFormat::privateMessage,
                               .content = content({MemberSender{{0}}}, Commit{}),
                               .auth = {.signature = hex("11"), .confirmationTag = hex("33")}};
  Bytes bytes =
      hex("0002"
          "02aabb"
          "0000000000000005"
          "01"
          "00000000"
          "01cc"
          "03"
          "00"
          "00"
          "0111"
          "0133");
  CHECK(encode(message) == bytes);
  CHECK(decode<AuthenticatedContent>(bytes) == message);

  message.content.content = {ApplicationData{hex("44")}};
  message.auth.confirmationTag.clear();
  bytes =
      hex("0002"
          "02aabb"
          "0000000000000005"
          "01"
          "00000000"
          "01cc"
          "01"
          "0144"
          "0111");
  CHECK(encode(message) == bytes);
  CHECK(decode<AuthenticatedContent>(bytes) == message);
}

TEST_CASE("members and joining committers sign the group context, others do not (RFC 9420 §6.1)") {
  Bytes context = hex("f00d");
  auto signedBytes = [&](Sender sender) {
    FramedContent framed = content(std::move(sender), ApplicationData{});
    return toHex(encode(FramedContentTBS{WireFormat::publicMessage, framed, context}));
  };
  std::string head =
      "0001"
      "0001"
      "02aabb"
      "0000000000000005";
  std::string tail =
      "01cc"
      "01"
      "00";
  CHECK(signedBytes({MemberSender{{7}}}) == head + "0100000007" + tail + "f00d");
  CHECK(signedBytes({NewMemberCommit{}}) == head + "04" + tail + "f00d");
  CHECK(signedBytes({NewMemberProposal{}}) == head + "03" + tail);
  CHECK(signedBytes({ExternalSenderIndex{1}}) == head + "0200000001" + tail);

  FramedContent framed = content({MemberSender{{7}}}, Commit{});
  FramedContentAuthData auth{.signature = hex("11"), .confirmationTag = hex("33")};
  FramedContentTBS tbs{WireFormat::publicMessage, framed, context};
  CHECK(encode(AuthenticatedContentTBM{tbs, auth}) == concat({encode(tbs), hex("0111"), hex("0133")}));
}

TEST_CASE("sealed content is followed by padding of zeros and nothing else (RFC 9420 §6.3.1)") {
  PrivateMessageContent sealed{
      .content = ApplicationData{hex("44")}, .auth = {.signature = hex("11")}, .paddingSize = 3};
  Bytes bytes =
      hex("0144"
          "0111"
          "000000");
  CHECK(encode(AuthenticatedContent{}).size() > 0);
  Writer out;
  sealed.write(out);
  CHECK(equal(out.view(), bytes));
  Reader in(bytes);
  CHECK(PrivateMessageContent::read(in, ContentType::application) == sealed);
  CHECK(in.atEnd());
  for (std::size_t place : {4U, 5U, 6U}) {
    Bytes marked = bytes;
    marked[place] = 1;
    Reader markedIn(marked);
    CHECK(PrivateMessageContent::read(markedIn, ContentType::application).error() == DecodeError{Code::invalid, place});
  }
}

TEST_CASE("the associated data of a PrivateMessage are its first fields (RFC 9420 §6.3)") {
  Bytes groupId = hex("aabb");
  Bytes data = hex("cc");
  CHECK(toHex(encode(PrivateContentAAD{groupId, {5}, ContentType::proposal, data})) ==
        "02aabb"
        "0000000000000005"
        "02"
        "01cc");
  CHECK(toHex(encode(SenderDataAAD{groupId, {5}, ContentType::proposal})) ==
        "02aabb"
        "0000000000000005"
        "02");
  SenderData sender{.leafIndex = {1}, .generation = {2}, .reuseGuard = {3, 4, 5, 6}};
  CHECK(toHex(encode(sender)) ==
        "00000001"
        "00000002"
        "03040506");
  CHECK(decode<SenderData>(encode(sender)) == sender);
}

TEST_CASE("other versions, wire formats and enum values are refused where they stand") {
  auto refused = [](std::string_view text) { return decode<MLSMessage>(hex(text)).error(); };
  CHECK(refused("0002"
                "0002") == DecodeError{Code::unknownValue, 0});
  CHECK(refused("0001"
                "0000") == DecodeError{Code::unknownValue, 2});
  CHECK(refused("0001"
                "0006") == DecodeError{Code::unknownValue, 2});
  CHECK(refused("0001"
                "0002"
                "00"
                "0000000000000000"
                "00") == DecodeError{Code::unknownValue, 13});
  CHECK(refused("0001"
                "0002"
                "00"
                "0000000000000000"
                "04") == DecodeError{Code::unknownValue, 13});
  CHECK(refused("0001"
                "0001"
                "00"
                "0000000000000000"
                "00") == DecodeError{Code::unknownValue, 13});
  CHECK(refused("0001"
                "0001"
                "00"
                "0000000000000000"
                "05") == DecodeError{Code::unknownValue, 13});
  CHECK(refused("0001"
                "0005"
                "0002") == DecodeError{Code::unknownValue, 4});  // a key package of another version
  CHECK(refused("0001"
                "0004"
                "0000") == DecodeError{Code::unknownValue, 4});  // a group context of another version
}

TEST_CASE("a message followed by anything, or with a length off by one at a boundary, is refused") {
  for (std::size_t size : {0UL, 1UL, 62UL, 63UL, 64UL, 65UL, 259UL, 16382UL, 16383UL, 16384UL, 16385UL}) {
    INFO(size);
    MLSMessage message{
        .message = {PrivateMessage{.contentType = ContentType::application, .ciphertext = Bytes(size, 0xab)}}};
    Bytes bytes = encode(message);
    std::size_t header = size <= 63 ? 1 : size <= 16383 ? 2 : 4;
    CHECK(bytes.size() == 4 + 1 + 8 + 1 + 1 + 1 + header + size);
    CHECK(decode<MLSMessage>(bytes) == message);
    CHECK_FALSE(decode<MLSMessage>(ByteView(bytes).first(bytes.size() - 1)));
    bytes.push_back(0);
    CHECK(decode<MLSMessage>(bytes).error() == DecodeError{Code::trailingBytes, bytes.size() - 1});
  }
  // 2^30 - 1 announced, little there: nothing is allocated for it.
  Bytes bomb =
      hex("0001"
          "0002"
          "00"
          "0000000000000000"
          "01"
          "00"
          "00"
          "bfffffff"
          "00");
  CHECK(decode<MLSMessage>(bomb).error().code == Code::truncated);
}

}  // namespace
}  // namespace qpq::mls
