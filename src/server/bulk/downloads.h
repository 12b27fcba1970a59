#pragma once

#include <optional>

#include "server/bulk/uploads.h"
#include "server/store/tables.h"

// Which file a device may have.
namespace qpq::server {

struct BodyRequest {
  wire::RosterEntry reader;
  LogId log;
  uint64_t seq;
  store::BodyPart part;
};

// A part of an entry that lies in a file, for a device with a right to that entry; the Welcome for one that was added
// there. Nothing otherwise: what is not there and what is not for this device look alike.
[[nodiscard]] store::Result<std::optional<Uploaded>> findBody(store::Tables& tables, const BodyRequest& request);

// A blob, for anyone who knows its hash: that is what one is given to read it.
[[nodiscard]] store::Result<std::optional<Uploaded>> findBlob(store::Tables& tables, const wire::Hash& hash);

}  // namespace qpq::server
