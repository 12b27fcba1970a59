#include "mls/tree/node_view.h"

namespace qpq::mls {
namespace {

// The extent of a credential: its type, and one <V> in every case the codec can read.
void skipCredential(detail::Fields& fields) {
  fields.skip(sizeof(CredentialType));
  fields.opaque();
}

// At the capabilities of a leaf, which are five lists.
detail::Fields capabilitiesOf(ByteView leaf) {
  detail::Fields fields(leaf);
  fields.opaque();  // encryption_key
  fields.opaque();  // signature_key
  skipCredential(fields);
  return fields;
}

}  // namespace

Credential LeafView::credential() const {
  Reader in(encoded_);
  (void)in.opaque();
  (void)in.opaque();
  return read<Credential>(in).value();
}

bool LeafView::supports(ProposalType type) const {
  if (isDefault(type)) return true;
  detail::Fields fields = capabilitiesOf(encoded_);
  fields.opaque();  // versions
  fields.opaque();  // cipher_suites
  fields.opaque();  // extensions
  ByteView proposals = fields.opaque();
  for (std::size_t i = 0; i + 1 < proposals.size(); i += sizeof(ProposalType)) {
    if (ProposalType{static_cast<uint16_t>(proposals[i] << 8 | proposals[i + 1])} == type) return true;
  }
  return false;
}

std::optional<ByteView> LeafView::parentHash() const {
  detail::Fields fields = capabilitiesOf(encoded_);
  for (int list = 0; list < 5; ++list) fields.opaque();
  if (LeafNodeSource{fields.u8()} != LeafNodeSource::commit) return std::nullopt;
  return fields.opaque();
}

LeafNode LeafView::decoded() const { return decode<LeafNode>(encoded_).value(); }

std::vector<LeafIndex> ParentView::unmergedLeaves() const {
  Reader in(encoded_);
  (void)in.opaque();
  (void)in.opaque();
  return read<std::vector<LeafIndex>>(in).value();
}

ParentNode ParentView::decoded() const { return decode<ParentNode>(encoded_).value(); }

}  // namespace qpq::mls
