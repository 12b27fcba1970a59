#include "mls/tree/node_view.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::mls {
namespace {

LeafNode someLeaf() {
  return {.encryptionKey = Bytes(32, 1),
          .signatureKey = Bytes(57, 2),
          .credential = {BasicCredential{Bytes(9, 3)}},
          .capabilities = {.versions = {ProtocolVersion::mls10},
                           .cipherSuites = {CipherSuiteId{1}, CipherSuiteId{2}},
                           .extensions = {ExtensionType{0xf0c1}},
                           .proposals = {ProposalType::selfRemove, ProposalType{0xf0c2}},
                           .credentials = {CredentialType::basic, CredentialType::x509}},
          .source = {CommitParentHash{Bytes(32, 4)}},
          .extensions = {{{ExtensionType{0xf0c1}, Bytes(5, 5)}}},
          .signature = Bytes(64, 6)};
}

void checkAgainst(const LeafNode& leaf) {
  Bytes encoded = encode(leaf);
  LeafView view(encoded);
  CHECK(equal(view.encoded(), encoded));
  CHECK(equal(view.encryptionKey(), leaf.encryptionKey));
  CHECK(equal(view.signatureKey(), leaf.signatureKey));
  CHECK(view.credential() == leaf.credential);
  const auto* committed = leaf.source.as<CommitParentHash>();
  REQUIRE(view.parentHash().has_value() == (committed != nullptr));
  if (committed) CHECK(equal(*view.parentHash(), committed->value));
  for (uint16_t type : std::initializer_list<uint16_t>{0, 1, 3, 7, 8, 9, 10, 0xf0c1, 0xf0c2, 0xffff}) {
    CHECK(view.supports(ProposalType{type}) == leaf.capabilities.supports(ProposalType{type}));
  }
  CHECK(view.decoded() == leaf);
}

TEST_CASE("a view of a leaf says what the leaf does, whatever it comes from and whoever it is") {
  LeafNode leaf = someLeaf();
  checkAgainst(leaf);
  leaf.source = {UpdateSource{}};
  checkAgainst(leaf);
  leaf.source = {Lifetime{1, 2}};
  checkAgainst(leaf);
  leaf.source = {CommitParentHash{}};
  leaf.credential = {X509Credential{{Bytes(700, 7), Bytes(20, 8)}}};
  checkAgainst(leaf);
  leaf.capabilities = {};
  leaf.extensions = {};
  checkAgainst(leaf);
}

TEST_CASE("a view reads lengths of one, two and four bytes, and fields without any") {
  for (std::size_t size : {0U, 1U, 63U, 64U, 16'383U, 16'384U, 70'000U}) {
    INFO("size " << size);
    LeafNode leaf = someLeaf();
    leaf.encryptionKey = Bytes(size, 9);
    leaf.credential = {BasicCredential{Bytes(size, 8)}};
    checkAgainst(leaf);
    leaf.signatureKey = Bytes(size, 7);
    leaf.source = {CommitParentHash{Bytes(size, 6)}};
    checkAgainst(leaf);
  }
}

TEST_CASE("a view of a parent says what the parent does") {
  for (ParentNode parent : {ParentNode{}, ParentNode{Bytes(32, 1), Bytes(32, 2), {}},
                            ParentNode{Bytes(1216, 1), Bytes(48, 2), {{0}, {5}, {0xffffffff}}}}) {
    Bytes encoded = encode(parent);
    ParentView view(encoded);
    CHECK(equal(view.encoded(), encoded));
    CHECK(equal(view.encryptionKey(), parent.encryptionKey));
    CHECK(equal(view.parentHash(), parent.parentHash));
    CHECK(view.unmergedLeaves() == parent.unmergedLeaves);
    CHECK(view.decoded() == parent);
  }
}

}  // namespace
}  // namespace qpq::mls
