#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "client/core/delivery.h"
#include "wire/logs/chain.h"
#include "wire/logs/receipt.h"
#include "wire/people/server_info.h"

// Whether a page continues the history this device has seen, by the chain and the server's signatures alone. Nothing of
// it is stored before all of it has passed.
namespace qpq::client::conversation {

struct CheckedEntry {
  wire::ChainLink link;
  Bytes envelope;
  Bytes welcome;          // only to whom the entry adds
  wire::LogPlace before;  // of the log, without this entry
  wire::LogPlace after;
};

struct CheckedPage {
  std::optional<wire::SignedHead> start;  // where the chain begins, if that is not the own place
  std::vector<CheckedEntry> entries;      // behind the own place, without a gap
  wire::Receipt receipt;
};

// What is wrong with it, as a sentence about the server.
struct PageFault {
  std::string what;
};

// `place` is how far this device has read; entries up to there are skipped. A page that ends before it has no entries
// left: whether its receipt agrees with the own head there is the caller's to see, who holds the heads.
std::expected<CheckedPage, PageFault> checkPage(const core::Page& page, const wire::LogPlace& place,
                                                const wire::VerifiedServerInfo& server);

// The receipt or head is of this server and log: for signatures that come without a page.
std::expected<wire::LogPlace, PageFault> checkHead(const wire::SignedHead& head, const LogId& log,
                                                   const wire::VerifiedServerInfo& server);

}  // namespace qpq::client::conversation
