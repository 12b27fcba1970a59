#include "client/core/scene_test.h"

#include <algorithm>
#include <set>

#include "wire/logs/admission.h"

namespace qpq::client::core::scene {

namespace {

crypto::Ed25519Key keyOf(uint8_t byte) {
  Secret<32> seed;
  for (uint8_t& each : seed.writable()) each = byte;
  return crypto::Ed25519Key(seed);
}

wire::VerifiedServerInfo infoOf(const crypto::Ed25519Key& identity, const crypto::Ed25519Key& receiptKey,
                                uint8_t life) {
  wire::ServerInfoTBS tbs;
  tbs.identity = identity.publicKey();
  tbs.incarnation.bytes.fill(life);
  tbs.receiptKeys.set({7, receiptKey.publicKey(), 0});
  return wire::VerifiedServerInfo::check(wire::sign(identity, tbs)).value();
}

SecretBytes passphrase() { return SecretBytes(asBytes("correct horse")); }

}  // namespace

Server::Server(MovedClock& clock)
    : clock_(clock), identity_(keyOf(0x51)), receiptKey_(keyOf(0x52)), info_(infoOf(identity_, receiptKey_, 0x1c)) {}

Server::Server(const Server& other)
    : clock_(other.clock_),
      identity_(keyOf(0x51)),
      receiptKey_(keyOf(0x52)),
      info_(other.info_),
      people_(other.people_),
      keyPackages_(other.keyPackages_),
      logs_(other.logs_) {}

void Server::restore() { info_ = infoOf(identity_, receiptKey_, 0x1d); }

void Server::enrol(const std::string& name, const wire::DeviceList& list) {
  people_.insert_or_assign(name, Person{list.tbs.account, name, wire::VerifiedDeviceList::check(list).value()});
}

Person Server::lookup(const std::string& name) const { return people_.at(name); }

void Server::publish(const wire::RosterEntry& device, std::vector<Bytes> keyPackages) {
  keyPackages_[device] = std::move(keyPackages);
}

Invitation Server::take(const std::string& name, const std::optional<DeviceId>& except) {
  Invitation invitation{lookup(name), {}};
  for (auto& [device, packages] : keyPackages_) {
    if (device.account != invitation.person.account || device.device == except) continue;
    invitation.keyPackages.push_back(packages.back());
    packages.pop_back();
  }
  return invitation;
}

Server::Log& Server::log(const LogId& id) {
  auto [place, isNew] = logs_.try_emplace(id);
  if (isNew) {
    place->second.roster.log = id;
    place->second.places.push_back(wire::LogPlace::start(id));
  }
  return place->second;
}

LogId Server::openDirect(const AccountId& a, const AccountId& b) {
  auto pair = std::minmax(a, b);
  LogId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<uint8_t>(pair.first.bytes[i] ^ (pair.second.bytes[i] + 1));
  }
  log(id).pair = pair;
  return id;
}

Bytes Server::receiptFor(const LogId& id, const Log& log, const PageEntry& entry) const {
  const wire::LogPlace& place = log.places[entry.seq];
  wire::ReceiptLeaf leaf{.incarnation = info_->incarnation,
                         .log = id,
                         .seq = entry.seq,
                         .envelope = crypto::sha256(entry.envelope),
                         .head = place.head,
                         .commits = place.commits,
                         .timeMs = clock_.now().unixMs};
  std::ranges::copy(entry.id, leaf.id.bytes.begin());
  return encode(wire::signFlush({7, receiptKey_}, {leaf}).front());
}

// The order of docs/protocol/wire.md.
Answer Server::append(const wire::RosterEntry& device, const Outgoing& entry) {
  Log& into = log(entry.log);
  auto envelope = wire::LogEnvelope::parse(entry.envelope, entry.log);
  if (!envelope) return Refusal::malformed;
  const wire::Terms& terms = envelope->terms();
  if (auto known = into.receipts.find(terms.id); known != into.receipts.end()) return known->second;
  wire::LogPlace place = into.places.back();
  bool founds = place.commits == 0 && (entry.createsLog || into.pair);
  if (!founds && !into.roster.holds(device)) return Refusal::notOnRoster;
  if (terms.commitsSeen != place.commits) return Conflict{place.commits};
  auto roster = into.roster.after(terms);
  if (!roster) return Conflict{place.commits};
  std::optional<std::size_t> welcomeSize;
  if (!entry.welcome.empty()) welcomeSize = entry.welcome.size();
  if (!wire::checkWelcome(terms, device, welcomeSize)) return Refusal::malformed;

  PageEntry stored{.seq = place.seq + 1,
                   .kind = static_cast<uint8_t>(terms.kind()),
                   .id = toBytes(terms.id.view()),
                   .envelope = entry.envelope,
                   .welcomeHash = {},
                   .welcome = entry.welcome};
  if (!entry.welcome.empty()) stored.welcomeHash = toBytes(crypto::sha256(entry.welcome));
  wire::ChainLink link{.seq = stored.seq,
                       .kind = terms.kind(),
                       .id = terms.id,
                       .envelope = envelope->hash(),
                       .welcome = crypto::sha256(entry.welcome)};
  into.places.push_back(place.after(link).value());
  into.readers = into.readers.after(stored.seq, terms).value();
  into.roster = *roster;
  into.entries.push_back(stored);
  return into.receipts[terms.id] = receiptFor(entry.log, into, stored);
}

wire::SignedHead Server::head(const LogId& id, uint64_t seq) const {
  const wire::LogPlace& place = logs_.at(id).places.at(seq);
  return wire::signHead({7, receiptKey_}, {.incarnation = info_->incarnation,
                                           .log = id,
                                           .seq = seq,
                                           .head = place.head,
                                           .commits = place.commits,
                                           .timeMs = clock_.now().unixMs});
}

std::optional<Page> Server::read(const wire::RosterEntry& device, const LogId& id, uint64_t after,
                                 std::size_t countMax) const {
  auto found = logs_.find(id);
  if (found == logs_.end()) return std::nullopt;
  const Log& log = found->second;
  auto rights = log.readers.find(device);
  Page page{.log = id, .start = {}, .entries = {}, .receipt = {}};
  for (const PageEntry& entry : log.entries) {
    if (entry.seq <= std::max(after, log.pruned) || !rights || !rights->covers(entry.seq)) continue;
    if (page.entries.size() == countMax) break;
    page.entries.push_back(entry);
    auto envelope = wire::LogEnvelope::parse(entry.envelope, id).value();
    const wire::CommitTerms* commit = envelope.terms().commit();
    if (commit == nullptr || !commit->added.contains(device)) page.entries.back().welcome.clear();
  }
  if (page.entries.empty()) return std::nullopt;
  uint64_t first = page.entries.front().seq;
  if (first == rights->begin && first > 1) page.start = encode(head(id, first - 1));
  page.receipt = receiptFor(id, log, page.entries.back());
  return page;
}

std::vector<IndexEntry> Server::index(const wire::RosterEntry& device) const {
  std::vector<IndexEntry> entries;
  for (const auto& [id, log] : logs_) {
    if (!wire::holdsAccount(log.roster.entries, device.account) && !log.readers.find(device)) continue;
    auto rights = log.readers.find(device);
    IndexEntry entry{.log = id, .direct = std::nullopt, .successor = std::nullopt};
    if (rights) {
      entry.rightsFrom = rights->begin;
      entry.rightsEnd = rights->end.value_or(0);
      entry.hasRights = !rights->end;
    }
    if (log.pair) entry.direct = log.pair->first == device.account ? log.pair->second : log.pair->first;
    entries.push_back(entry);
  }
  return entries;
}

void Server::prune(const LogId& id, uint64_t seq) { log(id).pruned = seq; }

std::optional<Bytes> Server::pruned(const LogId& id, uint64_t after) const {
  auto found = logs_.find(id);
  if (found == logs_.end() || found->second.pruned <= after) return std::nullopt;
  return encode(head(id, found->second.pruned));
}

Device::Device(Server& server, MovedClock& clock, uint64_t seed, std::string vfs)
    : server_(server), clock_(clock), random_(seed), vfs_(std::move(vfs)) {
  open();
}

void Device::open() {
  core_ = must(Core::open({.folder = folder_.file("profile"), .cost = crypto::kArgon2CostTest, .vfs = vfs_},
                          passphrase(), {clock_, random_}));
  note(must(core_->noteServer("test", server_.info())));
}

void Device::restart() {
  close();
  open();
}

void Device::finishSignIn(const NewDevice& device) {
  must(core().keepSignIn(device, std::nullopt));
  server_.enrol(device.name, device.list);
  must(core().completeSignIn());
  server_.publish(self(), must(core().makeKeyPackages(10)));
}

void Device::signUp(const std::string& name) {
  NewAccount account = must(core().makeAccount(name));
  accountSeed_ = std::move(account.accountSeed);
  finishSignIn(account.device);
}

void Device::signIn(const std::string& name, const Secret<32>& accountSeed) {
  finishSignIn(must(core().makeDevice(name, accountSeed, server_.lookup(name).list)));
}

void Device::note(Outcome outcome) {
  for (Event& event : outcome.events) {
    if (auto* message = std::get_if<event::Message>(&event)) shown.push_back(message->message.text);
    events.push_back(std::move(event));
  }
  std::ranges::move(outcome.settled, std::back_inserter(settled));
}

void Device::stumble() {
  if (restless_) restart();
}

void Device::readIndex() {
  note(must(core().noteIndex(1, server_.index(self()))));
  stumble();
}

void Device::readLog(const LogId& log, std::size_t countMax) {
  for (;;) {
    uint64_t at = 0;
    for (const Place& place : must(core().places())) {
      if (place.log == log) at = place.seq;
    }
    if (auto pruned = server_.pruned(log, at)) note(must(core().receivePruned(log, *pruned)));
    auto page = server_.read(self(), log, at, countMax);
    if (!page) return;
    note(must(core().receive(*page)));
    stumble();
    uint64_t after = at;
    for (const Place& place : must(core().places())) {
      if (place.log == log) after = place.seq;
    }
    if (after == at) return;
  }
}

void Device::readAll() {
  readIndex();
  for (const Place& place : must(core().places())) readLog(place.log);
}

std::optional<Outgoing> Device::next(const LogId& log) {
  auto next = must(core().nextOutgoing(log));
  note(std::move(next.outcome));
  stumble();
  return std::move(next.entry);
}

bool Device::sendNext(const LogId& log, Ack ack) {
  auto entry = next(log);
  if (!entry) return false;
  Answer answer = server_.append(self(), *entry);
  if (ack == Ack::lost || restless_) {
    stumble();
    return true;
  }
  if (auto* receipt = std::get_if<Bytes>(&answer)) note(must(core().accepted(log, entry->id, *receipt)));
  if (auto* refusal = std::get_if<Refusal>(&answer)) note(must(core().refused(log, entry->id, *refusal, "test")));
  return true;
}

void Device::run() {
  for (int round = 0; round < 100; ++round) {
    readAll();
    bool sent = false;
    for (const LogId& log : must(core().outgoingLogs())) {
      sent |= sendNext(log);
      if (restless_) readLog(log, 1);
    }
    if (!sent) return;
  }
  FAIL("it does not become quiet");
}

LogId Device::dm(const std::string& name) {
  Person other = server_.lookup(name);
  LogId log = server_.openDirect(self().account, other.account);
  bool isSelf = other.account == self().account;
  must(core().notePerson(other));
  must(core().beginDirect(log, server_.take(name, isSelf ? std::optional(self().device) : std::nullopt)));
  return log;
}

std::vector<std::string> Device::texts(const LogId& log) {
  std::vector<std::string> lines;
  for (const MessageView& message : must(core().history(log, 1000))) {
    bool queued = message.state == MessageView::State::queued;
    lines.push_back(message.authorName + ": " + message.text + (queued ? " …" : ""));
  }
  return lines;
}

Scene::Scene() {
  alice.signUp("alice");
  bob.signUp("bob");
  carol.signUp("carol");
  for (Device* device : {&alice, &bob, &carol}) {
    for (const char* name : {"alice", "bob", "carol"})
      device->note(must(device->core().notePerson(server.lookup(name))));
  }
}

void Scene::run() {
  for (int round = 0; round < 4; ++round) {
    for (Device* device : {&alice, &bob, &carol}) device->run();
  }
}

LogId Scene::group(const std::string& title) {
  LogId log = must(alice.core().beginGroup(title)).log;
  must(alice.core().invite(log, {server.take("bob"), server.take("carol")}));
  run();
  return log;
}

}  // namespace qpq::client::core::scene
