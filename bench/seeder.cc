#include "seeder.h"

#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "must.h"
#include "opaque/client.h"
#include "opaque/server.h"
#include "server/keys.h"
#include "server/settings.h"
#include "wire/logs/chain.h"

namespace qpq::bench {

namespace {

namespace store = server::store;

// Of one transaction: it is written to the log of the store first, which should not grow without bound.
constexpr std::size_t kTransactionBytesMax = 16 << 20;
// What a row takes beside its body, with its places in the indexes.
constexpr std::size_t kRowBytes = 512;
constexpr std::size_t kWelcomeSize = 1024;
constexpr crypto::Argon2Cost kCost = crypto::kArgon2CostTest;

server::Settings settingsOf(const std::filesystem::path& dataFolder) {
  std::filesystem::create_directories(dataFolder);
  return must(server::settle(server::Config{.dataDir = dataFolder}, server::Environment{}));
}

std::expected<store::sqlite::StoreLock, store::Error> lockOf(const std::string& path) {
  auto lock = store::sqlite::StoreLock::take(path);
  if (!lock) return std::unexpected(store::Error(store::Error::Code::failed, lock.error()));
  return *std::move(lock);
}

// Somebody's registration (RFC 9807 §5): every account gets this record, which fits none of them.
SecretBytes someRecord(const opaque::ServerSetup& setup, Random& random) {
  auto client = must(opaque::ClientRegistration::start(SecretBytes(asBytes("nobody's")), random));
  auto response = must(opaque::respondToRegistration(setup, asBytes("nobody"), client.request()));
  auto ksf = must(opaque::Argon2id::make(kCost, {.costMin = kCost}));
  return encodeSecret(must(client.finish(response, ksf, random)).record);
}

}  // namespace

Seeder::Seeder(const std::filesystem::path& dataFolder, Random& random, Instant now)
    : Seeder(settingsOf(dataFolder), random, now) {}

Seeder::Seeder(const server::Settings& settings, Random& random, Instant now)
    : random_(random),
      now_(now),
      lock_(must(lockOf(settings.dbPath))),
      // Whether a crash would lose the last of it is no matter before finish().
      store_(must(store::sqlite::open(settings.dbPath, must(server::databaseKey(settings, random)).key,
                                      {.durability = sql::Durability::normal}))
                 .write),
      record_(someRecord(must(server::ServerKeys::open(*store_, random, now)).opaque(), random)),
      passwordKey_(wire::VaultKey::fromExportKey(random.bytes<32>())) {
  transaction_.emplace(must(store_->write()));
}

Identity Seeder::addAccount(std::string name) {
  Identity identity = Identity::random(std::move(name), random_);
  Papers papers = papersOf(identity, passwordKey_, now_, random_);
  wire::Hash digest = crypto::sha256(encode(papers.certificate));
  must(tables().accounts.add({.name = must(wire::UserName::parse(identity.name)),
                              .credentials = {identity.entry.account, record_.clone(), kCost},
                              .vault = std::move(papers.vault),
                              .list = std::move(papers.list),
                              .certificate = std::move(papers.certificate),
                              .digest = digest},
                             now_.unixMs));
  written(2 * kRowBytes);
  return identity;
}

store::Log Seeder::addLog(const Identity& member) {
  const Identity* alone = &member;
  return addLog(std::span(&alone, 1));
}

store::Log Seeder::addLog(std::span<const Identity* const> members) {
  std::vector<wire::RosterEntry> devices;
  for (const Identity* member : members) devices.push_back(member->entry);
  LogId id = LogId::random(random_);
  must(tables().logs.add({id, devices.front().account, {}}, now_.unixMs));
  store::Log log = must(must(tables().logs.find(id)));
  Bytes welcome(kWelcomeSize);
  random_.fill(welcome);
  append(log, foundingTerms(id, devices, random_), kWelcomeSize,
         devices.size() > 1 ? std::optional<ByteView>(welcome) : std::nullopt);
  for (const wire::RosterEntry& device : devices) {
    must(tables().rights.put(log.key, device, {.begin = log.newest.seq, .end = {}}));
    must(tables().inbox.touch(device.account, log.key));
    written(2 * kRowBytes);
  }
  return log;
}

void Seeder::addMessages(store::Log& log, uint64_t count, std::size_t size) {
  wire::Terms terms{.id = {}, .commitsSeen = log.newest.commits, .body = wire::MessageTerms()};
  for (uint64_t i = 0; i < count; ++i) {
    terms.id = EntryId::random(random_);
    append(log, terms, size, std::nullopt);
  }
}

void Seeder::append(store::Log& log, const wire::Terms& terms, std::size_t size, std::optional<ByteView> welcome) {
  Bytes envelope = noiseEnvelope(log.id, terms, size);
  store::NewEntry entry{.link = {.seq = log.newest.seq + 1,
                                 .kind = terms.kind(),
                                 .id = terms.id,
                                 .envelope = crypto::sha256(envelope),
                                 .welcome = welcome ? crypto::sha256(*welcome) : wire::noWelcome()},
                        .place = {},
                        .timeMs = now_.unixMs,
                        .envelope = envelope,
                        .welcome = welcome};
  entry.place = must(log.newest.after(entry.link));
  must(tables().logs.append(log, entry));
  written(envelope.size() + kRowBytes);
}

void Seeder::written(std::size_t bytes) {
  uncommitted_ += bytes;
  if (uncommitted_ < kTransactionBytesMax) return;
  must(transaction_->commit());
  transaction_.reset();
  transaction_.emplace(must(store_->write()));
  uncommitted_ = 0;
}

void Seeder::finish() {
  must(transaction_->commit());
  transaction_.reset();
  // The last one to close a store moves its log into it, and syncs.
  store_.reset();
  lock_.reset();
}

}  // namespace qpq::bench
