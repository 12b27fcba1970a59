#include "sim/world.h"

#include <kj/debug.h>

#include "server/admin/stored.h"
#include "server/rpc/node.h"
#include "server/store/sqlite/open.h"

namespace qpq::sim {

namespace {

std::string secretOf(const std::string& name) { return "the password of " + name; }

SecretBytes password(const std::string& name) { return SecretBytes(asBytes(secretOf(name))); }

}  // namespace

// ---- cable

struct Cable::End {
  explicit End(kj::Own<kj::AsyncIoStream> stream): channel(kj::mv(stream), quic::RpcLimits()) {}
  quic::RpcChannel channel;
};

// Counts what goes up.
class Cable::BulkStream final: public kj::AsyncIoStream {
 public:
  BulkStream(Cable& cable, kj::Own<kj::AsyncIoStream> inner): cable_(cable), inner_(kj::mv(inner)) {}

  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override {
    return inner_->tryRead(buffer, minBytes, maxBytes);
  }
  kj::Promise<void> write(const void* buffer, size_t size) override {
    if (cable_.bulkBytesLeft_ && *cable_.bulkBytesLeft_ < size) {
      // A turn later: what is pulled takes this stream with it.
      cable_.bulkBytesLeft_.reset();
      return kj::evalLater([&cable = cable_]() {
        cable.pull();
        return kj::Promise<void>(kj::NEVER_DONE);
      });
    }
    if (cable_.bulkBytesLeft_) *cable_.bulkBytesLeft_ -= size;
    cable_.bulkBytesUp_ += size;
    return inner_->write(buffer, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return inner_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override { inner_->shutdownWrite(); }
  void abortRead() override { inner_->abortRead(); }

 private:
  Cable& cable_;
  kj::Own<kj::AsyncIoStream> inner_;
};

kj::Promise<std::expected<client::Link, client::LinkError>> Cable::connect() {
  if (!plugged_ || !world_.serverIsUp()) {
    co_return std::unexpected(client::LinkError{client::LinkError::Code::unreachable, "no answer"});
  }
  auto exporter = world_.random.bytes<32>();
  auto end = kj::heap<End>(world_.accept(exporter));
  auto node = end->channel.bootstrap().castAs<schema::Node>();
  auto cut = kj::newPromiseAndFulfiller<void>();
  cut_.push_back(kj::mv(cut.fulfiller));
  auto closed = end->channel.whenDisconnected().exclusiveJoin(kj::mv(cut.promise));
  co_return client::Link{.node = kj::mv(node),
                         .exporter = exporter,
                         .tlsKey = world_.tlsKey(),
                         .closed = kj::mv(closed),
                         .openStream = [this, exporter]() -> kj::Promise<kj::Own<kj::AsyncIoStream>> {
                           return kj::Own<kj::AsyncIoStream>(kj::heap<BulkStream>(*this, world_.acceptBulk(exporter)));
                         },
                         .owner = kj::mv(end)};
}

void Cable::pull() {
  plugged_ = false;
  for (auto& fulfiller : cut_) fulfiller->fulfill();
  cut_.clear();
}

// ---- person

Person::Person(World& world, std::string who, uint64_t seed, std::string vfs)
    : name(std::move(who)), cable(world), world_(world), random_(seed), vfs_(std::move(vfs)) {
  open();
}

Person::~Person() {
  if (client_.get() != nullptr) close();
}

void Person::open() {
  client::OpenOptions options{.folder = world_.folder.file(name),
                              .cost = crypto::kArgon2CostTest,
                              .costAccepted = crypto::kArgon2CostTest,
                              .vfs = vfs_};
  client_ = world_.wait(client::Client::open(
      {world_.clock, random_, world_.time.timer(), worker_, worker_, cable, *this}, options, password(name)));
  events.clear();
  listening_ = client_->listen([this](const client::Event& event) { events.push_back(event); });
  if (client_->signedIn().wait(world_.waitScope)) client_->start();
}

void Person::close() {
  listening_ = nullptr;
  client_->close().wait(world_.waitScope);
  client_ = nullptr;
}

void Person::registerHere() {
  world_.wait(client_->registerUser(name, password(name), SecretBytes()));
  client_->start();
}

LogId Person::dm(const Person& other) { return world_.wait(client_->openDirect(other.name)); }

void Person::say(const LogId& log, const std::string& text) { world_.wait(client_->send(log, text)); }

void Person::catchUp() { world_.wait(client_->catchUp(10 * kSecondMs)); }

std::vector<std::string> Person::heard(const LogId& log, uint32_t countMax) {
  std::vector<std::string> lines;
  for (const client::MessageView& message : world_.wait(client_->history(log, countMax))) {
    lines.push_back(message.authorName + ": " + message.text);
  }
  return lines;
}

std::optional<LogId> Person::conversation(const std::string& title) {
  for (const client::ConversationView& view : world_.wait(client_->conversations())) {
    if (view.title == title) return view.log;
  }
  return std::nullopt;
}

// ---- world

World::World(Store store): tlsKey_(random.bytes<32>()), databaseKey_(random.secret<32>()) {
  if (store == Store::memory) memory_.emplace();
  startServer();
}

World::~World() {
  people_.clear();
  stopServer();
}

void World::openStore() {
  if (memory_) {
    write_ = memory_->connect();
    read_ = memory_->connect();
    return;
  }
  auto store = server::store::sqlite::open(folder.file("server.db"), databaseKey_);
  REQUIRE(store.has_value());
  write_ = std::move(store->write);
  read_ = std::move(store->read);
}

void World::startServer() {
  openStore();
  auto keys = server::ServerKeys::open(*write_, random, clock.now());
  REQUIRE(keys.has_value());
  keys_.emplace(std::move(*keys));
  files_.emplace(folder.file("blobs"));
  writes_.emplace(*write_, *files_, *keys_, clock);
  rates_.emplace();
  worker_.emplace();
  services_ = std::make_unique<server::Services>(
      server::World{clock, random, time.timer(), *worker_, *writes_, *worker_, *read_, *worker_, *rates_}, *keys_,
      tlsKey_, server::AuthPolicy{crypto::kArgon2CostTest});
  services_->beginSweeping();
}

void World::stopServer() {
  if (services_ == nullptr) return;
  channels_.clear();
  services_.reset();
  worker_.reset();
  rates_.reset();
  writes_.reset();
  keys_.reset();
  read_.reset();
  write_.reset();
}

void World::backUp() {
  auto outcome = server::backUp(place(), databaseKey_, folder.file("backup.db"));
  INFO(outcome.text);
  REQUIRE(outcome.exit == 0);
}

void World::restore(uint64_t refillWindowMs) {
  stopServer();
  auto outcome =
      server::restore(folder.file("backup.db"), place(), databaseKey_, {server::Replace::yes, refillWindowMs}, random);
  INFO(outcome.text);
  REQUIRE(outcome.exit == 0);
  startServer();
}

kj::Own<kj::AsyncIoStream> World::accept(const ByteArray<32>& exporter) {
  auto pipe = kj::newTwoWayPipe();
  auto node = server::makeNode(*services_, {exporter, "sim"});
  channels_.push_back(
      std::make_unique<quic::RpcChannel>(kj::mv(pipe.ends[0]), kj::mv(node), quic::RpcLimits(), round_));
  return kj::mv(pipe.ends[1]);
}

kj::Own<kj::AsyncIoStream> World::acceptBulk(const ByteArray<32>& exporter) {
  auto pipe = kj::newTwoWayPipe();
  services_->bulk.accept(exporter, kj::mv(pipe.ends[0]));
  return kj::mv(pipe.ends[1]);
}

Person& World::person(const std::string& name, const std::string& vfs) {
  people_.push_back(std::make_unique<Person>(*this, name, random.next(), vfs));
  people_.back()->registerHere();
  people_.back()->catchUp();
  return *people_.back();
}

}  // namespace qpq::sim
