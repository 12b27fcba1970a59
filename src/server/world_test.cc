#include "server/world_test.h"

#include "crypto/suite.h"
#include "mls/message/framing.h"
#include "opaque/client.h"
#include "opaque/ksf.h"
#include "server/store/sqlite/open.h"

namespace qpq::server::testing {

namespace {

wire::ListedDevice listed(const TestDevice& device, wire::DeviceState state) {
  return {device.id, device.key.publicKey(), state, 1};
}

template <class T, class Error>
T unwrap(std::expected<T, Error> result) {
  if (!result) FAIL(result.error().text);
  return *std::move(result);
}

Bytes noiseOf(std::size_t size) { return Bytes(size, 0x5a); }

}  // namespace

TestWorld::TestWorld(Options options): options_(std::move(options)), databaseKey_(random.secret<32>()) { open(); }

void TestWorld::open() {
  sql::Options files{.cacheKiBMax = 4'096, .vfs = options_.vfs};
  auto opened = unwrap(store::sqlite::open(folder.file("server.db"), databaseKey_, files));
  write_ = std::move(opened.write);
  read_ = std::move(opened.read);
  keys_.emplace(unwrap(ServerKeys::open(*write_, random, clock.now())));
  files_.emplace(folder.file("blobs"));
  writes_.emplace(*write_, *files_, *keys_, clock);
  rates_.emplace();
  writeWorker_.emplace();
  readWorker_.emplace();
  fileWorker_.emplace();
  World world{clock, random, timer, *writeWorker_, *writes_, *readWorker_, *read_, *fileWorker_, *rates_};
  services_.emplace(world, *keys_, wire::Hash{}, options_.policy);
}

void TestWorld::restart() {
  close();
  open();
}

void TestWorld::close() {
  services_.reset();
  fileWorker_.reset();
  readWorker_.reset();
  writeWorker_.reset();
  rates_.reset();
  writes_.reset();
  keys_.reset();
  read_.reset();
  write_.reset();
}

sql::Database TestWorld::database() { return unwrap(sql::Database::open(folder.file("server.db"), databaseKey_)); }

void TestWorld::move(uint64_t ms) {
  clock.move(ms);
  timer.advanceTo(timer.now() + ms * kj::MILLISECONDS);
  settle();
}

TestDevice TestWorld::makeDevice(const TestPerson& person, uint64_t listVersion) {
  crypto::Ed25519Key key(random.secret<32>());
  DeviceId id = DeviceId::random(random);
  auto certificate = wire::sign(person.key, wire::CertificateTBS{.account = person.account,
                                                                 .accountKey = person.key.publicKey(),
                                                                 .device = id,
                                                                 .deviceKey = key.publicKey(),
                                                                 .listVersion = listVersion});
  return {person.account, id, std::move(key), certificate};
}

TestPerson TestWorld::stranger(const std::string& name) {
  TestPerson person{name, AccountId::random(random), crypto::Ed25519Key(random.secret<32>()), {}, {}};
  person.devices.push_back(makeDevice(person, 1));
  person.list =
      wire::sign(person.key, wire::DeviceListTBS{.account = person.account,
                                                 .accountKey = person.key.publicKey(),
                                                 .listVersion = 1,
                                                 .devices = {listed(person.device(), wire::DeviceState::active)}});
  return person;
}

RegistrationRequest TestWorld::registrationOf(const TestPerson& person, const std::string& password) {
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes(password)), random);
  REQUIRE(client);
  auto started = ask(services().auth.registerStart("192.0.2.1", person.name, toBytes(person.account.view()),
                                                   encode(client->request())));
  const auto& answer = as<RegistrationAnswer>(started);
  auto response = decode<opaque::RegistrationResponse>(answer.response);
  auto ksf = opaque::Argon2id::make(answer.cost, {crypto::kArgon2CostTest});
  auto registered = client->finish(*response, *ksf, random);
  REQUIRE(registered);
  auto passwordKey = wire::VaultKey::fromExportKey(registered->exportKey.expose());
  auto recoveryKey = wire::VaultKey::fromRecoveryKey(Bytes(16, 9));
  wire::Vault vault{.byPassword = wire::sealSeed(passwordKey, person.account, 1, person.key.seed(), random),
                    .byRecovery = wire::sealSeed(*recoveryKey, person.account, 1, person.key.seed(), random)};
  return {person.name,
          toBytes(person.account.view()),
          encodeSecret(registered->record),
          answer.cost,
          encode(vault),
          encode(person.list),
          encode(person.device().certificate)};
}

TestPerson TestWorld::register_(const std::string& name) {
  TestPerson person = stranger(name);
  as<Registered>(ask(services().auth.registerFinish("192.0.2.1", registrationOf(person))));
  move(2 * kMinuteMs);  // so that a test may register as many as it likes
  return person;
}

wire::DeviceList TestWorld::nextList(const TestPerson& person, const TestDevice* added,
                                     std::optional<DeviceId> revoked) {
  wire::DeviceListTBS next = wire::successorOf(*wire::VerifiedDeviceList::check(person.list));
  if (added) next.devices.set(listed(*added, wire::DeviceState::active));
  if (revoked) {
    wire::ListedDevice entry = *next.devices.find(*revoked);
    entry.state = wire::DeviceState::revoked;
    entry.changedMs = clock.now().unixMs;
    next.devices.set(entry);
  }
  return wire::sign(person.key, next);
}

const TestDevice& TestWorld::enrol(TestPerson& person) {
  TestDevice device = makeDevice(person, person.list.tbs.listVersion + 1);
  wire::DeviceList next = nextList(person, &device, {});
  as<Accepted>(ask(services().devices.enrol(person.account, encode(device.certificate), encode(next))));
  person.list = next;
  person.devices.push_back(std::move(device));
  return person.devices.back();
}

void TestWorld::revoke(TestPerson& person, std::size_t device) {
  wire::DeviceList next = nextList(person, nullptr, person.device(device).id);
  as<Accepted>(ask(services().devices.update(person.account, encode(next))));
  person.list = next;
}

Bytes envelopeOf(const LogId& log, const wire::Terms& terms, std::size_t noise) {
  mls::ContentType type = terms.kind() == wire::EntryKind::message    ? mls::ContentType::application
                          : terms.kind() == wire::EntryKind::proposal ? mls::ContentType::proposal
                                                                      : mls::ContentType::commit;
  mls::PrivateMessage message{.groupId = toBytes(log.view()),
                              .epoch = {terms.commitsSeen},
                              .contentType = type,
                              .authenticatedData = encode(terms),
                              .encryptedSenderData = noiseOf(28),
                              .ciphertext = noiseOf(noise)};
  return encode(wire::Envelope{mls::MLSMessage{.version = {}, .message = {std::move(message)}}});
}

Bytes messageTo(const LogId& log, const EntryId& id, uint64_t commitsSeen, std::size_t noise) {
  return envelopeOf(log, wire::Terms{.id = id, .commitsSeen = commitsSeen, .body = wire::MessageTerms()}, noise);
}

Bytes leaveOf(const LogId& log, const EntryId& id, uint64_t commitsSeen, const wire::RosterEntry& leaver) {
  return envelopeOf(log,
                    wire::Terms{.id = id, .commitsSeen = commitsSeen, .body = wire::ProposalTerms{.leaver = leaver}});
}

wire::Roster rosterAfter(const wire::Roster& before, const CommitSpec& spec) {
  std::vector<wire::RosterEntry> entries = before.entries.values();
  for (const auto& removed : spec.removed) std::erase(entries, removed);
  entries.insert(entries.end(), spec.added.begin(), spec.added.end());
  entries.insert(entries.end(), spec.restored.begin(), spec.restored.end());
  return {before.log, std::move(entries)};
}

Bytes commitTo(const wire::Roster& before, const EntryId& id, uint64_t commitsSeen, const CommitSpec& spec,
               std::size_t noise) {
  wire::CommitTerms commit{.newest = {},
                           .removed = spec.removed,
                           .added = spec.added,
                           .restored = spec.restored,
                           .rosterAfter = rosterAfter(before, spec).hash(),
                           .evidence = {}};
  return envelopeOf(before.log, wire::Terms{.id = id, .commitsSeen = commitsSeen, .body = std::move(commit)}, noise);
}

namespace {
mls::KeyPackage packageOf(const TestDevice& device, Instant now, uint8_t salt, uint64_t lifetimeMs) {
  mls::LeafNode leaf{
      .encryptionKey = Bytes(1216, salt),
      .signatureKey = toBytes(device.key.publicKey()),
      .credential = {mls::BasicCredential{encode(device.certificate)}},
      .capabilities = {},
      .source = {mls::Lifetime{now.unixMs / 1'000, (now + lifetimeMs).unixMs / 1'000}},
      .extensions = {},
      .signature = Bytes(64, 1),
  };
  leaf.capabilities.versions = {mls::ProtocolVersion::mls10};
  leaf.capabilities.cipherSuites = {mls::CipherSuiteId{crypto::kProductSuite.id}};
  leaf.capabilities.extensions = {mls::ExtensionType{0xF0C1}};
  leaf.capabilities.proposals = {mls::ProposalType::selfRemove};
  leaf.capabilities.credentials = {mls::CredentialType::basic};
  return {.version = {},
          .cipherSuite = mls::CipherSuiteId{crypto::kProductSuite.id},
          .initKey = Bytes(1216, salt),
          .leafNode = std::move(leaf),
          .extensions = {},
          .signature = Bytes(64, 2)};
}
}  // namespace

Bytes keyPackageOf(const TestDevice& device, Instant now, uint8_t salt, uint64_t lifetimeMs) {
  return encode(packageOf(device, now, salt, lifetimeMs));
}

Bytes askIn(const LogId& log, const EntryId& id, uint64_t commitsSeen, const TestDevice& device) {
  wire::AskTBS tbs{.log = log,
                   .terms = {.id = id, .commitsSeen = commitsSeen, .body = wire::ProposalTerms()},
                   .reason = wire::AskReason::newDevice,
                   .certificate = device.certificate,
                   .keyPackage = packageOf(device, {1'800'000'000'000}, 1, kDayMs)};
  return encode(wire::Envelope{wire::sign(device.key, std::move(tbs))});
}

EntryId entryId(uint8_t n) {
  EntryId id;
  id.bytes.fill(n);
  return id;
}

LogId logId(uint8_t n) {
  LogId id;
  id.bytes.fill(n);
  return id;
}

AppendOutcome TestLog::send(const TestDevice& sender, Bytes envelope, Bytes welcome, Bytes tokenHash) {
  return world.ask(world.services().logs.append(
      {sender.entry(), id(), std::move(envelope), std::move(welcome), std::move(tokenHash)}));
}

AppendOutcome TestLog::say(const TestDevice& sender, const EntryId& entry, std::size_t noise) {
  return send(sender, messageTo(id(), entry, commits, noise));
}

AppendOutcome TestLog::say(const TestDevice& sender) { return say(sender, EntryId::random(world.random)); }

AppendOutcome TestLog::commit(const TestDevice& sender, const CommitSpec& spec, const EntryId& entry) {
  bool addsOthers = std::ranges::any_of(spec.added, [&](const auto& added) { return added != sender.entry(); });
  auto outcome = send(sender, commitTo(roster, entry, commits, spec), addsOthers ? Bytes(100, 7) : Bytes());
  if (std::holds_alternative<Appended>(outcome)) {
    roster = rosterAfter(roster, spec);
    ++commits;
  }
  return outcome;
}

void TestLog::mustCommit(const TestDevice& sender, const CommitSpec& spec) {
  as<Appended>(commit(sender, spec, EntryId::random(world.random)));
}

ReadOutcome TestLog::read(const TestDevice& reader, uint64_t after, std::size_t entriesMax) {
  return world.ask(world.services().logs.read({reader.entry(), id(), after, entriesMax, kReadBytesMax}));
}

Page TestLog::page(const TestDevice& reader, uint64_t after, std::size_t entriesMax) {
  return as<Page>(read(reader, after, entriesMax));
}

TestLog begin(TestWorld& world, uint8_t number, const std::vector<wire::RosterEntry>& devices,
              const TestDevice& creator) {
  TestLog log(world, logId(number));
  as<Created>(world.ask(world.services().logs.create(creator.account, log.id())));
  log.mustCommit(creator, {.added = devices});
  return log;
}

}  // namespace qpq::server::testing
