#include "client/engine/pages.h"

#include "schema/data.h"

namespace qpq::client {

using schema::bytesOf;

std::optional<core::Page> pageOf(schema::Page::Reader page) {
  auto log = schema::idOf<LogId>(page.getLog());
  if (!log) return std::nullopt;
  core::Page result{
      .log = *log, .start = bytesOf(page.getStart()), .entries = {}, .receipt = bytesOf(page.getReceipt())};
  for (auto entry : page.getEntries()) {
    result.entries.push_back({.seq = entry.getSeq(),
                              .kind = entry.getKind(),
                              .id = bytesOf(entry.getId()),
                              .envelope = bytesOf(entry.getEnvelope()),
                              .welcomeHash = bytesOf(entry.getWelcomeHash()),
                              .welcome = bytesOf(entry.getWelcome()),
                              .envelopeHash = bytesOf(entry.getEnvelopeHash()),
                              .envelopeLength = entry.getEnvelopeLength(),
                              .welcomeLength = entry.getWelcomeLength()});
  }
  return result;
}

std::optional<core::IndexEntry> indexEntryOf(schema::IndexEntry::Reader entry) {
  auto log = schema::idOf<LogId>(entry.getLog());
  if (!log) return std::nullopt;
  return core::IndexEntry{.log = *log,
                          .rightsFrom = entry.getRightsFrom(),
                          .rightsEnd = entry.getRightsEnd(),
                          .hasRights = entry.getHasRights(),
                          .direct = schema::idOf<AccountId>(entry.getDirect()),
                          .successor = schema::idOf<LogId>(entry.getSuccessor())};
}

}  // namespace qpq::client
