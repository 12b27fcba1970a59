#include "mls/message/proposal.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/message/commit.h"

namespace qpq::mls {
namespace {

using Code = DecodeError::Code;

Bytes hex(std::string_view text) { return *fromHex(text); }

TEST_CASE("each proposal stands behind its type (RFC 9420 §12.1)") {
  struct Case {
    Proposal proposal;
    ProposalType type;
    std::string_view bytes;
  };
  for (const auto& [proposal, type, bytes] : {
           Case{{Remove{{258}}},
                ProposalType::remove,
                "0003"
                "00000102"},
           Case{{PreSharedKey{{.psk = {ExternalPSK{hex("aa")}}, .pskNonce = hex("bb")}}},
                ProposalType::psk,
                "0004"
                "01"
                "01aa"
                "01bb"},
           Case{{PreSharedKey{
                    {.psk = {ResumptionPSK{ResumptionPSKUsage::branch, hex("aa"), {7}}}, .pskNonce = hex("bb")}}},
                ProposalType::psk,
                "0004"
                "02"
                "03"
                "01aa"
                "0000000000000007"
                "01bb"},
           Case{{ReInit{hex("aa"), ProtocolVersion{2}, CipherSuiteId{3}, {}}},
                ProposalType::reInit,
                "0005"
                "01aa"
                "0002"
                "0003"
                "00"},
           Case{{ExternalInit{hex("aa")}},
                ProposalType::externalInit,
                "0006"
                "01aa"},
           Case{{GroupContextExtensions{{{{ExtensionType{0xf0c1}, hex("aa")}}}}},
                ProposalType::groupContextExtensions,
                "0007"
                "04"
                "f0c1"
                "01aa"},
           Case{{SelfRemove{}}, ProposalType::selfRemove, "000a"},
       }) {
    INFO(bytes);
    CHECK(toHex(encode(proposal)) == bytes);
    CHECK(decode<Proposal>(hex(bytes)) == proposal);
    CHECK(proposal.type() == type);
  }
  CHECK(Proposal{Add{}}.type() == ProposalType::add);
  CHECK(Proposal{Update{{.source = {UpdateSource{}}}}}.type() == ProposalType::update);
}

TEST_CASE("a proposal of an unknown type is kept as it came") {
  Bytes bytes =
      hex("f123"
          "03aabbcc");
  Proposal proposal = *decode<Proposal>(bytes);
  CHECK(proposal.type() == ProposalType{0xf123});
  CHECK(proposal.as<UnknownProposal>()->data == hex("aabbcc"));
  CHECK(encode(proposal) == bytes);

  Commit commit =
      *decode<Commit>(hex("0c"
                          "01"
                          "f123"
                          "0100"
                          "01"
                          "0003"
                          "00000001"
                          "00"));
  REQUIRE(commit.proposals.size() == 2);
  CHECK(commit.proposals[1].as<Proposal>()->as<Remove>()->removed == LeafIndex{1});
}

TEST_CASE("a commit names proposals by value or by reference") {
  Commit commit{.proposals = {ProposalOrRef{Proposal{SelfRemove{}}}, ProposalOrRef{ProposalRef{0xaa}}}};
  CHECK(toHex(encode(commit)) ==
        "06"
        "01"
        "000a"
        "02"
        "01aa"
        "00");
  CHECK(decode<Commit>(encode(commit)) == commit);
  CHECK(decode<Commit>(hex("01"
                           "00"
                           "00"))
            .error() == DecodeError{Code::unknownValue, 1});
  CHECK(decode<Commit>(hex("00"
                           "02"))
            .error() == DecodeError{Code::unknownValue, 1});
}

TEST_CASE("a leaf says where it comes from, and its signature is bound to a group unless it came from a key package") {
  LeafNode leaf{.encryptionKey = hex("e0"),
                .signatureKey = hex("50"),
                .credential = {BasicCredential{hex("1d")}},
                .source = {Lifetime{1, 2}},
                .signature = hex("99")};
  Bytes groupId = hex("aabb");
  auto tbs = [&] { return toHex(encode(LeafNodeTBS{leaf, groupId, {3}})); };
  std::string head =
      "01e0"
      "0150"
      "0001"
      "011d"
      "0000000000";
  CHECK(tbs() == head +
                     "01"
                     "0000000000000001"
                     "0000000000000002"
                     "00");
  CHECK(toHex(encode(leaf)) == tbs() + "0199");
  leaf.source = {UpdateSource{}};
  CHECK(tbs() == head +
                     "02"
                     "00"
                     "02aabb"
                     "00000003");
  CHECK(toHex(encode(leaf)) == head +
                                   "02"
                                   "00"
                                   "0199");
  leaf.source = {CommitParentHash{hex("77")}};
  CHECK(tbs() == head +
                     "03"
                     "0177"
                     "00"
                     "02aabb"
                     "00000003");
  CHECK(decode<LeafNode>(encode(leaf)) == leaf);
  for (std::string_view source : {"00", "04"}) {
    CHECK(decode<LeafNode>(hex(head + std::string(source) +
                               "00"
                               "00"))
              .error() == DecodeError{Code::unknownValue, head.size() / 2});
  }
  // A credential type without a known form cannot be read.
  CHECK(decode<Credential>(hex("0003"
                               "00"))
            .error()
            .code == Code::unknownValue);
  CHECK(decode<Credential>(hex("0002"
                               "05"
                               "01aa"
                               "02bbcc")) == Credential{X509Credential{{std::vector<Bytes>{hex("aa"), hex("bbcc")}}}});
}

TEST_CASE("a list holds each extension type once (RFC 9420 §13.4)") {
  CHECK(
      decode<Extensions>(hex("06"
                             "000100"
                             "000200")));
  CHECK(decode<Extensions>(hex("06"
                               "000100"
                               "000100"))
            .error() == DecodeError{Code::invalid, 0});
  CHECK(decode<Extensions>(hex("09"
                               "000100"
                               "000200"
                               "000100"))
            .error() == DecodeError{Code::invalid, 0});
  Extensions extensions =
      *decode<Extensions>(hex("07"
                              "000100"
                              "000201aa"));
  CHECK(extensions.find(ExtensionType::ratchetTree)->data == hex("aa"));
  CHECK(extensions.find(ExtensionType::externalPub) == nullptr);
}

TEST_CASE("default types are supported without being listed, credential types are not") {
  Capabilities nothing;
  CHECK(nothing.supports(ProposalType::groupContextExtensions));
  CHECK(nothing.supports(ExtensionType::externalSenders));
  CHECK_FALSE(nothing.supports(ProposalType::selfRemove));
  CHECK_FALSE(nothing.supports(ExtensionType{6}));
  CHECK_FALSE(nothing.supports(ExtensionType{0}));
  CHECK_FALSE(nothing.supports(CredentialType::basic));
  CHECK_FALSE(nothing.supports(ProtocolVersion::mls10));

  RequiredCapabilities required{.extensions = {ExtensionType::ratchetTree, ExtensionType{0xf0c1}},
                                .proposals = {ProposalType::add, ProposalType::selfRemove},
                                .credentials = {CredentialType::basic}};
  CHECK(toHex(encode(required)) ==
        "04"
        "0002f0c1"
        "04"
        "0001000a"
        "02"
        "0001");
  Capabilities all{.extensions = {ExtensionType{0xf0c1}},
                   .proposals = {ProposalType::selfRemove},
                   .credentials = {CredentialType::basic}};
  CHECK(required.metBy(all));
  Capabilities noExtension = all, noProposal = all, noCredential = all;
  noExtension.extensions.clear();
  noProposal.proposals.clear();
  noCredential.credentials.clear();
  CHECK_FALSE(required.metBy(noExtension));
  CHECK_FALSE(required.metBy(noProposal));
  CHECK_FALSE(required.metBy(noCredential));
}

template <class T, std::size_t kMax>
void checkBound(std::string_view element) {
  auto listOf = [&](std::size_t count) {
    Writer out;
    out.vector([&](Writer& inner) {
      for (std::size_t i = 0; i < count; ++i) inner.bytes(hex(element));
    });
    return std::move(out).take();
  };
  using Bounded = List<T, kMax>;
  CHECK(decode<Bounded>(listOf(kMax))->size() == kMax);
  auto above = decode<Bounded>(listOf(kMax + 1));
  CHECK(above.error().code == Code::tooLarge);
  auto farAbove = decode<Bounded>(listOf(50 * kMax));
  CHECK(farAbove.error().code == Code::tooLarge);
}

TEST_CASE("lists end at their bound, whatever the input holds") {
  checkBound<UpdatePathNode, kUpdatePathNodesMax>("0000");
  checkBound<HPKECiphertext, kCiphertextsPerNodeMax>("0000");
  checkBound<ProposalOrRef, kProposalsPerCommitMax>("0200");
  checkBound<PreSharedKeyID, kPreSharedKeysMax>("010000");
  checkBound<Bytes, kCertificatesMax>("00");
  checkBound<ExternalSender, kExternalSendersMax>("00000100");
  auto extensions = [](std::size_t count) {
    Extensions list;
    for (std::size_t i = 0; i < count; ++i) list.items.push_back({static_cast<ExtensionType>(i), {}});
    return encode(list);
  };
  CHECK(decode<Extensions>(extensions(kExtensionsMax)));
  CHECK(decode<Extensions>(extensions(kExtensionsMax + 1)).error().code == Code::tooLarge);
  CHECK(decode<Extensions>(extensions(60'000)).error().code == Code::tooLarge);
}

}  // namespace
}  // namespace qpq::mls
