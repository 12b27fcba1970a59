#include <algorithm>

#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

void setUpload(schema::Upload::Builder out, const UploadOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const UploadStream& stream) {
                   auto group = out.initStream();
                   group.setTicket(dataOf(stream.ticket.view()));
                   group.setOffset(stream.offset);
                 },
                 [&](AlreadyStored) { out.setStored(); },
                 [&](NoPlaceInLog) { out.setNotAllowed(); },
                 [&](TooLarge large) { out.setTooLarge(large.limit); },
                 [&](QuotaFull full) {
                   auto group = out.initQuota();
                   group.setLimit(full.limit);
                   group.setUsed(full.used);
                 },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
             },
             outcome);
}

void setDownload(schema::Download::Builder out, const DownloadOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const DownloadStream& stream) {
                   auto group = out.initStream();
                   group.setTicket(dataOf(stream.ticket.view()));
                   group.setLength(stream.size);
                 },
                 [&](NotFound) { out.setNotFound(); },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
             },
             outcome);
}

std::optional<Uploaded> uploadedOf(capnp::Data::Reader hash, uint64_t length) {
  Uploaded named{.hash = {}, .size = length};
  if (hash.size() != named.hash.size()) return std::nullopt;
  std::ranges::copy(hash, named.hash.begin());
  return named;
}

}  // namespace qpq::server::rpc
