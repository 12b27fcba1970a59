#include "wire/logs/chain.h"

#include "base/codec.h"

namespace qpq::wire {

Hash noWelcome() { return crypto::sha256(ByteView{}); }

LogPlace LogPlace::start(const LogId& log) {
  return {.seq = 0, .head = crypto::sha256({asBytes("qpq log 1"), log.view()}), .commits = 0};
}

Result<LogPlace> LogPlace::after(const ChainLink& link) const {
  // Subtracted, not added: number 2^64 - 1 has no successor.
  if (link.seq == 0 || link.seq - 1 != seq) return fail(ErrorCode::chainGap);
  Writer place;
  place.u64(link.seq);
  place.u8(static_cast<uint8_t>(link.kind));
  return LogPlace{.seq = link.seq,
                  .head = crypto::sha256({head, place.view(), link.id.view(), link.envelope, link.welcome}),
                  .commits = commits + (link.kind == EntryKind::commit ? 1 : 0)};
}

ClaimVerdict judgeClaim(const LogId& log, const Claim& claim, uint64_t ownSeq, const std::optional<Hash>& headThere) {
  if (claim.seq >= ownSeq) return ClaimVerdict::notBelowOwnPlace;
  std::optional<Hash> known = claim.seq == 0 ? LogPlace::start(log).head : headThere;
  if (!known) return ClaimVerdict::notKnown;
  return *known == claim.head ? ClaimVerdict::agrees : ClaimVerdict::otherHistory;
}

}  // namespace qpq::wire
