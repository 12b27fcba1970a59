#pragma once

#include <variant>

#include "mls/message/app_data.h"
#include "mls/message/extension.h"
#include "mls/message/key_package.h"
#include "mls/message/leaf_node.h"
#include "mls/message/psk.h"
#include "mls/message/tagged.h"
#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §12.1.
struct Add {
  KeyPackage keyPackage;
  bool operator==(const Add&) const = default;
  static constexpr auto fields() { return std::tuple{&Add::keyPackage}; }
};

struct Update {
  LeafNode leafNode;
  bool operator==(const Update&) const = default;
  static constexpr auto fields() { return std::tuple{&Update::leafNode}; }
};

struct Remove {
  LeafIndex removed;
  bool operator==(const Remove&) const = default;
  static constexpr auto fields() { return std::tuple{&Remove::removed}; }
};

struct PreSharedKey {
  PreSharedKeyID psk;
  bool operator==(const PreSharedKey&) const = default;
  static constexpr auto fields() { return std::tuple{&PreSharedKey::psk}; }
};

struct ReInit {
  Bytes groupId;
  ProtocolVersion version{};  // of the next group: may be one this build does not know
  CipherSuiteId cipherSuite{};
  Extensions extensions;
  bool operator==(const ReInit&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ReInit::groupId, &ReInit::version, &ReInit::cipherSuite, &ReInit::extensions};
  }
};

struct ExternalInit {
  Bytes kemOutput;
  bool operator==(const ExternalInit&) const = default;
  static constexpr auto fields() { return std::tuple{&ExternalInit::kemOutput}; }
};

struct GroupContextExtensions {
  Extensions extensions;
  bool operator==(const GroupContextExtensions&) const = default;
  static constexpr auto fields() { return std::tuple{&GroupContextExtensions::extensions}; }
};

// draft-ietf-mls-extensions: the sender leaves; who it is stands in the message that carries the proposal.
using SelfRemove = Empty<ProposalType::selfRemove>;

// A type this build does not know. The RFC gives a proposal no length; applications and peers agree that the body of a
// private or later type is one opaque<V>, and nothing else could be skipped.
struct UnknownProposal {
  ProposalType type{};
  Bytes data;
  bool operator==(const UnknownProposal&) const = default;
};

struct Proposal {
  using Known = Select<Case<ProposalType::add, Add>, Case<ProposalType::update, Update>,
                       Case<ProposalType::remove, Remove>, Case<ProposalType::psk, PreSharedKey>,
                       Case<ProposalType::reInit, ReInit>, Case<ProposalType::externalInit, ExternalInit>,
                       Case<ProposalType::groupContextExtensions, GroupContextExtensions>,
                       Case<ProposalType::appDataUpdate, AppDataUpdate>, Case<ProposalType::appEphemeral, AppEphemeral>,
                       Case<ProposalType::selfRemove, SelfRemove>>;
  using Body = std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions,
                            AppDataUpdate, AppEphemeral, SelfRemove, UnknownProposal>;

  Body body;
  bool operator==(const Proposal&) const = default;

  ProposalType type() const;
  template <class T>
  const T* as() const {
    return std::get_if<T>(&body);
  }

  template <class W>
  void write(W& out) const {
    qpq::write(out, type());
    if (const auto* unknown = as<UnknownProposal>()) return out.opaque(unknown->data);
    std::visit(
        [&]<class T>(const T& known) {
          if constexpr (Known::kHas<T>) qpq::write(out, known);
        },
        body);
  }
  static Decoded<Proposal> read(Reader& in);
};

}  // namespace qpq::mls
