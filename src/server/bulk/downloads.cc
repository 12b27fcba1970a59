#include "server/bulk/downloads.h"

namespace qpq::server {

store::Result<std::optional<Uploaded>> findBody(store::Tables& tables, const BodyRequest& request) {
  auto log = TRY(tables.logs.find(request.log));
  if (!log || request.seq == 0 || request.seq > log->newest.seq) return std::nullopt;
  auto stretch = TRY(tables.rights.next(log->key, request.reader, request.seq - 1));
  if (!stretch || stretch->rights.begin > request.seq) return std::nullopt;
  if (request.part == store::BodyPart::welcome && stretch->rights.begin != request.seq) return std::nullopt;
  auto body = TRY(tables.logs.large(log->key, request.seq, request.part));
  if (!body) return std::nullopt;
  return Uploaded{body->hash, body->size};
}

store::Result<std::optional<Uploaded>> findBlob(store::Tables& tables, const wire::Hash& hash) {
  auto size = TRY(tables.holdings.blob(hash));
  if (!size) return std::nullopt;
  return Uploaded{hash, *size};
}

}  // namespace qpq::server
