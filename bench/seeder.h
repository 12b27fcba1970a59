#pragma once

#include <kj/common.h>

#include <filesystem>
#include <optional>
#include <span>

#include "base/random.h"
#include "base/time.h"
#include "identity.h"
#include "server/settings.h"
#include "server/store/logs.h"
#include "server/store/sqlite/open.h"
#include "server/store/sqlite/store_lock.h"

namespace qpq::bench {

// Fills the store of a server that does not run, as quickly as the disk takes it: what would cost hours of
// registrations and appends is there when the server starts. It writes what a server would have written, through the
// same tables, so `qpq-server verify` finds nothing. Every failure throws a kj::Exception.
//
// Accounts come in by their device's key (LeanDevice::resume): their passwords open nothing.
class Seeder {
 public:
  // Makes the folder, the key of the store, the server's own keys and an empty store, or goes on in the one that is
  // there. `now` is when everything happened.
  Seeder(const std::filesystem::path& dataFolder, Random& random, Instant now);
  KJ_DISALLOW_COPY_AND_MOVE(Seeder);
  // What was not finished is partly there.
  ~Seeder() = default;

  Identity addAccount(std::string name);
  // A log of its own for the first of them, who has added all the others with its first commit.
  server::store::Log addLog(std::span<const Identity* const> members);
  server::store::Log addLog(const Identity& member);
  // Messages that seal `size` bytes each, which nobody has acknowledged.
  void addMessages(server::store::Log& log, uint64_t count, std::size_t size);

  // Everything is on the disk when this returns; nothing may be added after it.
  void finish();

 private:
  Seeder(const server::Settings& settings, Random& random, Instant now);
  server::store::Tables& tables() { return transaction_->tables(); }
  void append(server::store::Log& log, const wire::Terms& terms, std::size_t size, std::optional<ByteView> welcome);
  void written(std::size_t bytes);

  Random& random_;
  const Instant now_;
  std::optional<server::store::sqlite::StoreLock> lock_;
  std::unique_ptr<server::store::Connection> store_;
  std::optional<server::store::Transaction> transaction_;  // dies before the connection
  std::size_t uncommitted_ = 0;                            // bytes, about
  const SecretBytes record_;                               // OPAQUE's, the same for everyone
  const wire::VaultKey passwordKey_;
};

}  // namespace qpq::bench
