#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "client/store/failure.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::client::store {

// A file that has been sealed and no message names yet: with this its upload goes on, whoever was killed meanwhile.
struct Upload {
  LogId log;
  std::string path;
  uint64_t size = 0;
  int64_t modifiedNs = 0;
  Secret<32> key;
  wire::Hash hash{};  // of the sealed file
  uint64_t length = 0;
  Bytes tags;  // of its chunks
  Instant begun{};
};

// One for each file and conversation.
class Uploads {
 public:
  explicit Uploads(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<std::optional<Upload>> find(const LogId& log, const std::string& path);
  [[nodiscard]] Result<void> put(const Upload& upload);
  [[nodiscard]] Result<void> drop(const LogId& log, const std::string& path);
  [[nodiscard]] Result<void> forgetBefore(Instant moment);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
