#pragma once

#include <compare>
#include <cstdint>
#include <tuple>

#include "base/bytes.h"
#include "base/codec.h"

// The numbers and names every other structure uses. Closed enums refuse a value they do not know; open registries
// (IANA, GREASE, private use) keep any, because RFC 9420 §13 wants unknown values ignored where they are only listed.
namespace qpq::mls {

// A leaf, counted from the left.
struct LeafIndex {
  uint32_t value = 0;
  auto operator<=>(const LeafIndex&) const = default;
  static constexpr auto fields() { return std::tuple{&LeafIndex::value}; }
};

// A node in the array form of the tree (RFC 9420 appendix C): leaves at even places, parents between them.
struct NodeIndex {
  uint32_t value = 0;
  auto operator<=>(const NodeIndex&) const = default;
  static constexpr auto fields() { return std::tuple{&NodeIndex::value}; }
};

struct Epoch {
  uint64_t value = 0;
  auto operator<=>(const Epoch&) const = default;
  static constexpr auto fields() { return std::tuple{&Epoch::value}; }
  constexpr Epoch next() const { return {value + 1}; }
};

// A sender's message counter within one epoch and one ratchet.
struct Generation {
  uint32_t value = 0;
  auto operator<=>(const Generation&) const = default;
  static constexpr auto fields() { return std::tuple{&Generation::value}; }
};

// Open registries.
enum class ProtocolVersion : uint16_t { mls10 = 1 };
constexpr bool isKnown(ProtocolVersion) { return true; }

enum class CipherSuiteId : uint16_t {};  // crypto/suite.h says which of them this build has
constexpr bool isKnown(CipherSuiteId) { return true; }

enum class ExtensionType : uint16_t {
  applicationId = 1,
  ratchetTree = 2,
  requiredCapabilities = 3,
  externalPub = 4,
  externalSenders = 5,
  appDataDictionary = 6,  // draft-ietf-mls-extensions
};
constexpr bool isKnown(ExtensionType) { return true; }

enum class ProposalType : uint16_t {
  add = 1,
  update = 2,
  remove = 3,
  psk = 4,
  reInit = 5,
  externalInit = 6,
  groupContextExtensions = 7,
  appDataUpdate = 8,  // draft-ietf-mls-extensions, like the ones below
  appEphemeral = 9,
  selfRemove = 10,
};
constexpr bool isKnown(ProposalType) { return true; }

// draft-ietf-mls-extensions: who among the applications of a group some data is for. From 0x8000 on: private use.
enum class ComponentId : uint16_t {
  appComponents = 1,
  safeAad = 2,
  contentMediaTypes = 3,
  lastResortKeyPackage = 4,
};
constexpr bool isKnown(ComponentId) { return true; }

enum class CredentialType : uint16_t { basic = 1, x509 = 2 };
constexpr bool isKnown(CredentialType) { return true; }

// RFC 9420 §7.2: default types are supported by everybody and must not be listed in capabilities.
constexpr bool isDefault(ExtensionType type) {
  return type >= ExtensionType::applicationId && type <= ExtensionType::externalSenders;
}
constexpr bool isDefault(ProposalType type) {
  return type >= ProposalType::add && type <= ProposalType::groupContextExtensions;
}

// Closed enums.
enum class WireFormat : uint16_t {
  publicMessage = 1,
  privateMessage = 2,
  welcome = 3,
  groupInfo = 4,
  keyPackage = 5,
};
constexpr bool isKnown(WireFormat v) { return v >= WireFormat::publicMessage && v <= WireFormat::keyPackage; }

enum class ContentType : uint8_t { application = 1, proposal = 2, commit = 3 };
constexpr bool isKnown(ContentType v) { return v >= ContentType::application && v <= ContentType::commit; }

enum class SenderType : uint8_t { member = 1, external = 2, newMemberProposal = 3, newMemberCommit = 4 };
constexpr bool isKnown(SenderType v) { return v >= SenderType::member && v <= SenderType::newMemberCommit; }

enum class LeafNodeSource : uint8_t { keyPackage = 1, update = 2, commit = 3 };
constexpr bool isKnown(LeafNodeSource v) { return v >= LeafNodeSource::keyPackage && v <= LeafNodeSource::commit; }

enum class NodeType : uint8_t { leaf = 1, parent = 2 };
constexpr bool isKnown(NodeType v) { return v == NodeType::leaf || v == NodeType::parent; }

enum class ProposalOrRefType : uint8_t { proposal = 1, reference = 2 };
constexpr bool isKnown(ProposalOrRefType v) {
  return v == ProposalOrRefType::proposal || v == ProposalOrRefType::reference;
}

enum class PSKType : uint8_t { external = 1, resumption = 2 };
constexpr bool isKnown(PSKType v) { return v == PSKType::external || v == PSKType::resumption; }

enum class ResumptionPSKUsage : uint8_t { application = 1, reInit = 2, branch = 3 };
constexpr bool isKnown(ResumptionPSKUsage v) {
  return v >= ResumptionPSKUsage::application && v <= ResumptionPSKUsage::branch;
}

// The field `ProtocolVersion version = mls10` of structures that exist in this version only. It holds nothing and
// cannot be wrong; any other version on the wire is an unknownValue.
struct Mls10 {
  bool operator==(const Mls10&) const = default;
  template <class W>
  void write(W& out) const {
    out.u16(static_cast<uint16_t>(ProtocolVersion::mls10));
  }
  static Decoded<Mls10> read(Reader& in) {
    Reader before = in;
    if (TRY(in.u16()) != static_cast<uint16_t>(ProtocolVersion::mls10)) {
      return before.fail(DecodeError::Code::unknownValue);
    }
    return Mls10{};
  }
};

// Opaque byte strings the RFC names (§5).
using HPKEPublicKey = Bytes;
using SignaturePublicKey = Bytes;
using MAC = Bytes;
using KeyPackageRef = Bytes;
using ProposalRef = Bytes;

}  // namespace qpq::mls
