#include "wire/logs/terms.h"

namespace qpq::wire {

std::optional<RosterEntry> Terms::leaver() const {
  const auto* proposal = std::get_if<ProposalTerms>(&body);
  return proposal != nullptr ? proposal->leaver : std::nullopt;
}

Decoded<Terms> Terms::read(Reader& in) {
  Terms terms;
  terms.version = TRY(qpq::read<Version>(in));
  EntryKind kind = TRY(qpq::read<EntryKind>(in));
  terms.id = TRY(qpq::read<EntryId>(in));
  terms.commitsSeen = TRY(qpq::read<uint64_t>(in));
  terms.body = TRY(ByKind::readBody<decltype(body)>(in, kind));
  return terms;
}

Result<void> checkPlace(const Terms& terms, const EntryPlace& place) {
  if (terms.id != place.id) return fail(ErrorCode::otherEntryId);
  if (terms.kind() != place.kind) return fail(ErrorCode::otherKind);
  if (terms.commitsSeen != place.commitsBefore) return fail(ErrorCode::otherCommitsSeen);
  return {};
}

}  // namespace qpq::wire
