#pragma once

#include <optional>
#include <string>

#include "client/store/failure.h"
#include "sql/database.h"
#include "wire/people/server_info.h"

namespace qpq::client::store {

struct KnownServer {
  std::string address;
  wire::VerifiedServerInfo info;
};

// The profile's one server, and how far the account's index there has been read.
class Server {
 public:
  explicit Server(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<std::optional<KnownServer>> read();
  [[nodiscard]] Result<void> put(const std::string& address, const wire::VerifiedServerInfo& info);
  [[nodiscard]] Result<uint64_t> indexChange();
  [[nodiscard]] Result<void> setIndexChange(uint64_t change);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
