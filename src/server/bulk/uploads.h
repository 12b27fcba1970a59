#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "server/bulk/files.h"
#include "server/outcomes.h"
#include "server/store/tables.h"
#include "wire/bulk.h"
#include "wire/types.h"

// Bringing bytes to the server that are too large for a call: announced, then sent on a stream of their own
// (bulk/streams.h), then held for whoever announced them (store/holdings.h).
namespace qpq::server {

struct Write;

// Bytes that have been uploaded, as a later call names them.
struct Uploaded {
  wire::Hash hash;
  uint64_t size;
  bool operator==(const Uploaded&) const = default;
};

struct UploadRequest {
  AccountId account;
  std::optional<LogId> log;  // nothing: a blob
  Uploaded announced;
  uint64_t blobBytesMax;  // what the account may hold as blobs
};

struct UploadBegun {
  int64_t upload;
};
struct AlreadyStored {};
struct NoPlaceInLog {};
using BeginOutcome = std::variant<UploadBegun, AlreadyStored, NoPlaceInLog, TooLarge, QuotaFull, TooOften, Malformed>;

// An upload of the same bytes goes on where it was; one that is complete is held for longer. Malformed, tooLarge and
// quota before anything is held.
[[nodiscard]] store::Result<BeginOutcome> beginUpload(Write& write, const UploadRequest& request);

// All of it is in its file and synced: from here on the file has its name. stored, also if it was; again if nobody
// waits for it any more.
[[nodiscard]] store::Result<wire::BulkVerdict> endUpload(Write& write, int64_t upload);

// Its bytes were not those announced: it has to begin anew.
[[nodiscard]] store::Result<Accepted> abandonUpload(Write& write, int64_t upload);

// The account holds this blob no more; whether it did.
enum class BlobDropped { yes, notFound };
[[nodiscard]] store::Result<BlobDropped> dropBlob(Write& write, const AccountId& account, const wire::Hash& hash);

// Lets go of what was held long enough; how many rows.
[[nodiscard]] store::Result<std::size_t> sweepHoldings(Write& write, Instant age);

}  // namespace qpq::server
