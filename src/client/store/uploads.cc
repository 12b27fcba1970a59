#include "client/store/uploads.h"

#include <string_view>

namespace qpq::client::store {

Result<std::optional<Upload>> Uploads::find(const LogId& log, const std::string& path) {
  auto row = TRY(database_.one<uint64_t, int64_t, Secret<32>, wire::Hash, uint64_t, Bytes, uint64_t>(
      "SELECT size, modified_ns, key, hash, length, tags, begun_ms FROM upload WHERE log = ? AND path = ?", log,
      std::string_view(path)));
  if (!row) return std::optional<Upload>();
  auto& [size, modifiedNs, key, hash, length, tags, begunMs] = *row;
  return Upload{.log = log,
                .path = path,
                .size = size,
                .modifiedNs = modifiedNs,
                .key = std::move(key),
                .hash = hash,
                .length = length,
                .tags = std::move(tags),
                .begun = {begunMs}};
}

Result<void> Uploads::put(const Upload& upload) {
  TRY(database_.execute(
      "INSERT OR REPLACE INTO upload (log, path, size, modified_ns, key, hash, length, tags, begun_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      upload.log, std::string_view(upload.path), upload.size, upload.modifiedNs, upload.key, ByteView(upload.hash),
      upload.length, ByteView(upload.tags), upload.begun.unixMs));
  return {};
}

Result<void> Uploads::drop(const LogId& log, const std::string& path) {
  TRY(database_.execute("DELETE FROM upload WHERE log = ? AND path = ?", log, std::string_view(path)));
  return {};
}

Result<void> Uploads::forgetBefore(Instant moment) {
  TRY(database_.execute("DELETE FROM upload WHERE begun_ms < ?", moment.unixMs));
  return {};
}

}  // namespace qpq::client::store
