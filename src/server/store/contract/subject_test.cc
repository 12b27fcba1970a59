#include "server/store/contract/subject_test.h"

#include "crypto/hash.h"
#include "server/store/sqlite/open.h"

namespace qpq::server::store::contract {

namespace {

crypto::Ed25519Key keyOf(const AccountId& account) {
  Secret<32> seed;
  std::ranges::fill(seed.writable(), account.bytes.front());
  return crypto::Ed25519Key(seed);
}

}  // namespace

Subject::Subject(Engine engine) {
  if (engine == Engine::memory || engine == Engine::faultyMemory) {
    memory_.emplace();
    writer_ = memory_->connect();
    reader_ = memory_->connect();
  } else {
    // Whether a power cut would lose the last of it is no matter here; other tests pull the plug.
    auto opened = sqlite::open(folder_.file("store.db"), sql::Key(),
                               {.durability = sql::Durability::normal, .cacheKiBMax = 4'096});
    if (!opened) FAIL(opened.error().text);
    writer_ = std::move(opened->write);
    reader_ = std::move(opened->read);
  }
  if (engine == Engine::faultySqlcipher || engine == Engine::faultyMemory) {
    auto faulty = std::make_unique<FaultyConnection>(std::move(writer_));
    calls_ = &faulty->calls();
    writer_ = std::move(faulty);
  }
}

wire::UserName userName(const std::string& text) { return wire::UserName::parse(text).value(); }

wire::Certificate certificate(const wire::RosterEntry& device, uint64_t listVersion) {
  crypto::Ed25519Key key = keyOf(device.account);
  return wire::sign(key, wire::CertificateTBS{.account = device.account,
                                              .accountKey = key.publicKey(),
                                              .device = device.device,
                                              .deviceKey = key.publicKey(),
                                              .listVersion = listVersion});
}

wire::DeviceList deviceList(const AccountId& account, uint64_t version) {
  crypto::Ed25519Key key = keyOf(account);
  return wire::sign(
      key, wire::DeviceListTBS{.account = account,
                               .accountKey = key.publicKey(),
                               .listVersion = version,
                               .devices = {{id<DeviceId>(1), key.publicKey(), wire::DeviceState::active, version}}});
}

wire::Vault vault(const AccountId& account, uint8_t n) {
  test::SeededRandom random(n);
  auto key = wire::VaultKey::fromExportKey(Bytes(64, n));
  Secret<32> seed = keyOf(account).seed();
  return {.byPassword = wire::sealSeed(key, account, n, seed, random),
          .byRecovery = wire::sealSeed(key, account, n, seed, random)};
}

Credentials credentials(const AccountId& account, uint8_t n) {
  return {account, SecretBytes(Bytes(192, n)), {.memoryKib = n, .passes = n, .lanes = 1}};
}

NewAccount account(uint8_t n, const std::string& name) {
  AccountId account = id<AccountId>(n);
  return {.name = userName(name),
          .credentials = credentials(account, n),
          .vault = vault(account, n),
          .list = deviceList(account),
          .certificate = certificate(device(n)),
          .digest = hash(n)};
}

KeptPackage package(uint8_t n, uint64_t notAfterMs) { return {hash(n), notAfterMs, Bytes(20, n)}; }

Log addLog(Tables& tables, uint8_t n, uint64_t nowMs) {
  must(tables.logs.add({id<LogId>(n), id<AccountId>(1), {}}, nowMs));
  return must(tables.logs.find(id<LogId>(n))).value();
}

Result<void> append(Tables& tables, Log& log, const EntrySpec& spec) {
  Bytes envelope(spec.size, spec.id);
  Bytes welcome(spec.welcome.value_or(0), spec.id);
  auto hashOfWelcome = static_cast<uint8_t>(spec.id + 100);
  NewEntry entry{.link = {.seq = log.newest.seq + 1,
                          .kind = wire::EntryKind::message,
                          .id = id<EntryId>(spec.id),
                          .envelope = spec.largeSize ? hash(spec.id) : crypto::sha256(envelope),
                          .welcome = wire::noWelcome()},
                 .place = {},
                 .timeMs = spec.timeMs,
                 .envelope = ByteView(envelope),
                 .welcome = {}};
  if (spec.largeSize) entry.envelope = LargePart{*spec.largeSize};
  if (spec.welcome) {
    entry.welcome = ByteView(welcome);
    entry.link.welcome = crypto::sha256(welcome);
  } else if (spec.largeWelcome) {
    entry.welcome = LargePart{*spec.largeWelcome};
    entry.link.welcome = hash(hashOfWelcome);
  }
  entry.place = log.newest.after(entry.link).value();
  return tables.logs.append(log, entry);
}

}  // namespace qpq::server::store::contract
