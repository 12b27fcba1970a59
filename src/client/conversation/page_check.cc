#include "client/conversation/page_check.h"

#include <algorithm>

#include "wire/error.h"

namespace qpq::client::conversation {

namespace {

std::unexpected<PageFault> fault(std::string what) { return std::unexpected(PageFault{std::move(what)}); }

template <class T>
std::expected<wire::LogPlace, PageFault> attested(const T& signedThing, const LogId& log,
                                                  const wire::VerifiedServerInfo& server) {
  auto attestation = wire::Attestation::check(signedThing, server);
  if (!attestation) {
    return fault("The server's signature for a conversation does not hold (" +
                 std::string(wire::name(attestation.error().code)) + ").");
  }
  if (attestation->log() != log) return fault("The server signed another conversation than the one it showed.");
  return attestation->place();
}

std::optional<wire::Hash> hashOf(ByteView bytes) {
  wire::Hash hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

std::expected<CheckedEntry, PageFault> checkEntry(const core::PageEntry& entry, const wire::LogPlace& before) {
  CheckedEntry checked{.envelope = entry.envelope, .welcome = entry.welcome, .before = before};
  auto kind = static_cast<wire::EntryKind>(entry.kind);
  if (!wire::isKnown(kind) || entry.id.size() != EntryId().bytes.size()) {
    return fault("The server sent an entry of no known form.");
  }
  checked.link = {.seq = entry.seq, .kind = kind, .envelope = crypto::sha256(entry.envelope)};
  std::ranges::copy(entry.id, checked.link.id.bytes.begin());
  if (!entry.envelopeHash.empty() && !equal(entry.envelopeHash, checked.link.envelope)) {
    return fault("The server sent other bytes than it had named.");
  }
  auto welcome = entry.welcomeHash.empty() ? wire::noWelcome() : hashOf(entry.welcomeHash);
  if (!welcome) return fault("The server sent an entry of no known form.");
  checked.link.welcome = *welcome;
  if (!entry.welcome.empty() && crypto::sha256(entry.welcome) != *welcome) {
    return fault("The server sent a Welcome that is not the one of its entry.");
  }
  auto after = before.after(checked.link);
  if (!after) return fault("The server left entries of a conversation out.");
  checked.after = *after;
  return checked;
}

// Where the page's chain begins: at the own place, or at the head the server signed for a reader who starts later.
std::expected<wire::LogPlace, PageFault> beginning(const core::Page& page, const wire::LogPlace& place,
                                                   const wire::VerifiedServerInfo& server, CheckedPage& checked) {
  if (page.start.empty()) return place;
  auto head = decode<wire::SignedHead>(page.start);
  if (!head) return fault("The server's signed head cannot be read.");
  wire::LogPlace start = TRY(checkHead(*head, page.log, server));
  if (start.seq == place.seq && start != place) return fault("The server shows another history than before.");
  if (start.seq <= place.seq) return place;
  checked.start = *std::move(head);
  return start;
}

}  // namespace

std::expected<wire::LogPlace, PageFault> checkHead(const wire::SignedHead& head, const LogId& log,
                                                   const wire::VerifiedServerInfo& server) {
  return attested(head, log, server);
}

std::expected<CheckedPage, PageFault> checkPage(const core::Page& page, const wire::LogPlace& place,
                                                const wire::VerifiedServerInfo& server) {
  CheckedPage checked;
  wire::LogPlace at = TRY(beginning(page, place, server, checked));
  for (const core::PageEntry& entry : page.entries) {
    if (entry.seq <= at.seq && checked.entries.empty()) continue;
    checked.entries.push_back(TRY(checkEntry(entry, at)));
    at = checked.entries.back().after;
  }
  auto receipt = decode<wire::Receipt>(page.receipt);
  if (!receipt) return fault("The server's receipt cannot be read.");
  wire::LogPlace signedPlace = TRY(attested(*receipt, page.log, server));
  if (!checked.entries.empty()) {
    const wire::ChainLink& last = checked.entries.back().link;
    bool isOfLast = receipt->leaf.id == last.id && receipt->leaf.envelope == last.envelope;
    if (signedPlace != at || !isOfLast) return fault("The server's receipt is not for the entries it came with.");
  } else if (signedPlace.seq == at.seq && signedPlace != at) {
    return fault("The server shows another history than before.");
  }
  checked.receipt = *std::move(receipt);
  return checked;
}

}  // namespace qpq::client::conversation
