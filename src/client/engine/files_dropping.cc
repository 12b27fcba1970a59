#include "client/engine/failures.h"
#include "client/engine/files.h"
#include "loop/co_try.h"
#include "schema/data.h"

namespace qpq::client {

// The server first, the profile then: killed in between, the file is asked for once more and said to be gone.
Promise<FileDropped> Files::drop(LogId log, EntryId message) {
  wire::File file = CO_TRY(co_await core_.ask([log, message](core::Core& c) { return c.ownFile(log, message); }));
  auto online = CO_TRY(co_await connect_());
  auto request = online->session.blobsRequest().send().getBlobs().dropRequest();
  request.setHash(schema::dataOf(file.hash));
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isMalformed()) co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
  CO_TRY(co_await core_.ask([log, message](core::Core& c) { return c.noteDropped(log, message); }));
  co_return outcome.isDropped() ? FileDropped::yes : FileDropped::goneBefore;
}

Promise<FileUsage> Files::usage() {
  auto online = CO_TRY(co_await connect_());
  auto response = co_await online->session.blobsRequest().send().getBlobs().usageRequest().send();
  co_return FileUsage{response.getFiles(), response.getBytes(), response.getLimit()};
}

}  // namespace qpq::client
