#include "client/core/core.h"

#include <algorithm>
#include <iterator>

#include "client/core/inside.h"
#include "client/limits.h"
#include "client/store/schema.h"
#include "sql/migrate.h"

namespace qpq::client::core {

namespace {

// The data key of the profile: unwrapped, or a fresh one whose slot is on the disk before anything is encrypted with
// it.
Result<profile::DataKey> dataKeyOf(const profile::Folder& folder, const Options& options, const SecretBytes& passphrase,
                                   Random& random) {
  auto slot = TRY(folder.read(folder.keySlotPath(), profile::kKeySlotSize));
  if (slot) return profile::openDataKey(*slot, passphrase);
  if (folder.holds(folder.databasePath())) {
    return std::unexpected(Error{ErrorCode::profileCorrupt, "The profile has a database, but its key slot is missing.",
                                 "Put key.slot back, or begin anew in another folder."});
  }
  profile::DataKey key = random.secret<32>();
  TRY(folder.replace(folder.keySlotPath(), TRY(profile::sealDataKey(key, passphrase, options.cost, random))));
  return key;
}

store::Result<sql::Database> openDatabase(const std::string& path, const profile::DataKey& key,
                                          const Options& options) {
  // The lock of the folder makes this process the only one.
  sql::Options chosen{.durability = sql::Durability::full, .locking = sql::Locking::exclusive, .vfs = options.vfs};
  sql::Database database = TRY(sql::Database::open(path, key, chosen));
  TRY(sql::migrate(database, store::profileSchema()));
  return database;
}

}  // namespace

void Outcome::append(Outcome more) {
  std::ranges::move(more.events, std::back_inserter(events));
  std::ranges::move(more.settled, std::back_inserter(settled));
  std::ranges::move(more.follow, std::back_inserter(follow));
  if (more.stored) stored = more.stored;
}

Core::Core(std::unique_ptr<Inside> inside): inside_(std::move(inside)) {}
Core::~Core() = default;

Result<std::unique_ptr<Core>> Core::open(const Options& options, const SecretBytes& passphrase,
                                         Surroundings surroundings) {
  profile::Folder folder = TRY(profile::Folder::open(options.folder));
  profile::DataKey key = TRY(dataKeyOf(folder, options, passphrase, surroundings.random));
  sql::Database database = TRY(openDatabase(folder.databasePath(), key, options));
  auto inside = std::make_unique<Inside>(std::move(folder), std::move(key), std::move(database), surroundings);
  TRY(inside->reload());
  TRY(inside->tables.entries.forgetBefore(inside->now() - kRawEntriesKeptMs));
  TRY(inside->tables.uploads.forgetBefore(inside->now() - kUploadKeptMs));
  TRY(inside->tables.keyPackages.forgetBefore(inside->now() - kPrivateHalfKeptMs));
  return std::unique_ptr<Core>(new Core(std::move(inside)));
}

Result<void> Core::changePassphrase(const SecretBytes& passphrase, const crypto::Argon2Cost& cost) {
  Bytes slot = TRY(profile::sealDataKey(inside_->dataKey, passphrase, cost, inside_->surroundings.random));
  return inside_->folder.replace(inside_->folder.keySlotPath(), slot);
}

store::Result<void> Core::Inside::reload() {
  own = TRY(tables.account.read());
  server = TRY(tables.server.read());
  return {};
}

store::Result<conversation::Desk> Core::Inside::desk() {
  if (!signedIn()) return store::fail(ErrorCode::notSignedIn, "No account is signed in here.", "Sign in first.");
  return conversation::Desk{.tables = tables,
                            .groups = groups,
                            .clock = surroundings.clock,
                            .random = surroundings.random,
                            .own = *own,
                            .accepted = accepted};
}

store::Result<store::Conversation> Core::Inside::conversation(const LogId& log) {
  auto found = TRY(tables.conversations.find(log));
  if (!found) return store::fail(ErrorCode::noSuchConversation, "There is no such conversation.");
  return *std::move(found);
}

}  // namespace qpq::client::core
