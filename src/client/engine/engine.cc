#include "client/engine/engine.h"

#include <kj/debug.h>

#include <algorithm>

#include "client/engine/failures.h"
#include "client/engine/limits.h"
#include "client/engine/people.h"
#include "client/engine/sign_in.h"
#include "loop/co_try.h"
#include "schema/data.h"

namespace qpq::client {

namespace {

// No waiting mends it, and no further attempt.
bool isHopeless(const Error& why) {
  return why.code != ErrorCode::offline && why.code != ErrorCode::serverUnavailable &&
         why.code != ErrorCode::serverRefused;
}

}  // namespace

Promise<kj::Own<Client>> Client::open(World world, OpenOptions options, SecretBytes passphrase) {
  auto secret = std::make_shared<SecretBytes>(kj::mv(passphrase));
  auto core = CO_TRY(co_await world.worker.run([options, secret, &clock = world.clock, &random = world.random]() {
    core::Options coreOptions{.folder = options.folder, .cost = options.cost, .vfs = options.vfs};
    return core::Core::open(coreOptions, *secret, {clock, random});
  }));
  kj::Own<Client> client = kj::heap<Engine>(world, kj::mv(options), kj::mv(core));
  co_return kj::mv(client);
}

Engine::Engine(World world, OpenOptions options, std::unique_ptr<core::Core> core)
    : world_(world), options_(kj::mv(options)), core_(world_.worker, kj::mv(core)), tasks_(*this) {}

Engine::~Engine() noexcept(false) = default;

void Engine::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "the engine's own task failed", exception); }

template <class T>
Promise<T> Engine::answered(Promise<T> work) {
  return work.catch_([](kj::Exception&& exception) -> Result<T> {
    // FAILED without a lost peer is a defect of ours or the server's; the rest is the network.
    if (exception.getType() == kj::Exception::Type::FAILED) {
      return std::unexpected(Error{ErrorCode::internal, exception.getDescription().cStr(), "please report this"});
    }
    // schema: OVERLOADED is the server's store in trouble, a full disk above all.
    if (exception.getType() == kj::Exception::Type::OVERLOADED) return std::unexpected(failures::serverUnavailable());
    return std::unexpected(failures::offline());
  });
}

template <class T>
Promise<T> Engine::inTime(uint64_t timeoutMs, Promise<T> work) {
  auto late = world_.timer.afterDelay(timeoutMs * kj::MILLISECONDS).then([this]() -> Result<T> {
    return std::unexpected(problem_.value_or(failures::offline("no answer")));
  });
  return answered(kj::mv(work)).exclusiveJoin(kj::mv(late));
}

kj::Promise<bool> Engine::within(uint64_t timeoutMs, kj::Promise<void> promise) {
  auto done = promise.then([]() { return true; });
  auto late = world_.timer.afterDelay(timeoutMs * kj::MILLISECONDS).then([]() { return false; });
  return done.exclusiveJoin(kj::mv(late));
}

kj::Own<void> Engine::listen(kj::Function<void(const Event&)> listener) { return listeners_.listen(kj::mv(listener)); }

// ---- the connection's life

void Engine::start() {
  if (started_) return;
  started_ = true;
  tasks_.add(stayConnected());
}

kj::Promise<void> Engine::stayConnected() {
  for (;;) {
    auto ended = co_await answered(serveOnce());
    setOffline(ended ? failures::offline("the connection ended") : ended.error());
    co_await world_.timer.afterDelay(backoff_.nextMs(world_.random) * kj::MILLISECONDS);
  }
}

// One connection from dialling to its end.
Promise<void> Engine::serveOnce() {
  Dialled dialled = CO_TRY(co_await dialInTime());
  core::Outcome news = kj::mv(dialled.outcome);
  CO_TRY(co_await finishSignIn(core_, dialled, std::nullopt));
  auto online = CO_TRY(co_await resume(core_, kj::mv(dialled)));
  auto closed = kj::mv(online->server.link.closed);
  CO_TRY(co_await stockKeyPackages(core_, *online));
  auto delivery = kj::heap<Delivery>(world_, core_, kj::mv(online), outcomes_);
  Delivery& live = *delivery;
  delivery_ = kj::mv(delivery);
  KJ_DEFER(delivery_ = nullptr);
  outcomes_.take(news);
  CO_TRY(co_await live.begin());
  problem_.reset();
  backoff_.reset();
  listeners_.tell(event::Connection{.online = true, .detail = {}});
  for (auto& waiter : waiting_) waiter->fulfill();
  waiting_.clear();
  auto ended = co_await closed.then([]() { return Result<void>(); }).exclusiveJoin(live.whenFailed());
  // Before the delivery goes: whoever waits for something of it is to hear why.
  if (!ended) setOffline(ended.error());
  co_return kj::mv(ended);
}

Promise<Dialled> Engine::dialInTime() {
  auto late = world_.timer.afterDelay(kConnectTimeoutMs * kj::MILLISECONDS).then([]() -> Result<Dialled> {
    return std::unexpected(failures::offline("no answer"));
  });
  return answered(dial(world_, core_).exclusiveJoin(kj::mv(late)));
}

// For what is asked once: on a bad line a handshake may lose what it had better not. Staying connected tries again
// anyway.
Promise<Dialled> Engine::dialTwice() {
  auto dialled = co_await dialInTime();
  if (dialled || dialled.error().code != ErrorCode::offline) co_return kj::mv(dialled);
  co_return co_await dialInTime();
}

void Engine::setOffline(const Error& why) {
  bool known = problem_ && problem_->code == why.code && problem_->what == why.what;
  problem_ = why;
  if (!known) listeners_.tell(event::Connection{.online = false, .detail = why.what});
  // Whoever waits hears what no waiting mends; the rest goes on waiting for the next attempt.
  if (!isHopeless(why)) return;
  for (auto& waiter : waiting_) waiter->fulfill();
  waiting_.clear();
}

Promise<Delivery*> Engine::delivery() {
  if (!started_) co_return std::unexpected(failures::offline("not connected"));
  if (delivery_ == nullptr) {
    auto paired = kj::newPromiseAndFulfiller<void>();
    if (!problem_ || !isHopeless(*problem_)) {
      waiting_.push_back(kj::mv(paired.fulfiller));
      co_await within(kOnlineWaitMs, kj::mv(paired.promise));
    }
  }
  KJ_IF_MAYBE (live, delivery_) co_return live->get();
  co_return std::unexpected(problem_.value_or(failures::offline()));
}

Promise<kj::Own<Online>> Engine::connected() {
  Delivery* live = CO_TRY(co_await delivery());
  co_return kj::addRef(live->online());
}

kj::Promise<void> Engine::close() {
  KJ_IF_MAYBE (live, delivery_) {
    co_await within(kSecondMs, (*live)->acknowledge().catch_([](kj::Exception&&) {}));
  }
  tasks_.clear();
  delivery_ = nullptr;
  co_await outcomes_.drained();
  co_await core_.close();
}

// ---- the account

Promise<Registered> Engine::registerUser(std::string name, SecretBytes password, SecretBytes inviteCode) {
  Invite invite = CO_TRY(inviteFrom(inviteCode));
  Dialled dialled = CO_TRY(co_await dialTwice());
  co_return co_await answered(
      registerAccount(world_, core_, dialled, options_.costAccepted, kj::mv(name), kj::mv(password), kj::mv(invite)));
}

Promise<void> Engine::login(std::string name, SecretBytes password) {
  Dialled dialled = CO_TRY(co_await dialTwice());
  co_return co_await answered(
      enrolDevice(world_, core_, dialled, options_.costAccepted, kj::mv(name), kj::mv(password)));
}

kj::Promise<bool> Engine::signedIn() {
  return core_.ask([](core::Core& c) { return c.identity().has_value(); });
}

Promise<Whoami> Engine::whoami() {
  std::string address = world_.connector.address();
  bool online = delivery_ != nullptr;
  co_return co_await core_.ask([address, online](core::Core& c) -> Result<Whoami> {
    auto identity = c.identity();
    if (!identity) return std::unexpected(failures::notSignedIn());
    auto server = c.server();
    core::Core::Counts counts = TRY(c.counts());
    return Whoami{.account = identity->account,
                  .device = identity->device,
                  .name = identity->name,
                  .server = server ? server->address : address,
                  .serverFingerprint = server ? fingerprintOf(server->identity) : "",
                  .listVersion = identity->listVersion,
                  .devices = identity->devices,
                  .conversations = counts.conversations,
                  .queued = counts.queued,
                  .online = online};
  });
}

Promise<ServerHealth> Engine::health() {
  Dialled dialled = CO_TRY(co_await dialTwice());
  auto before = world_.timer.now();
  auto request = dialled.link.node.pingRequest();
  auto answer = co_await answered<void>(request.send().then([](auto&&) { return Result<void>(); }));
  if (!answer) co_return std::unexpected(answer.error());
  auto took = static_cast<uint64_t>((world_.timer.now() - before) / kj::MICROSECONDS);
  co_return ServerHealth{world_.connector.address(), fingerprintOf(dialled.server->identity), took};
}

// ---- waiting

Promise<void> Engine::flush(uint64_t timeoutMs) {
  auto queued = CO_TRY(co_await core_.ask([](core::Core& c) { return c.queued(); }));
  auto result = std::make_shared<Result<void>>();
  auto decided = kj::heapArrayBuilder<kj::Promise<void>>(queued.size());
  for (const core::Settled& row : queued) {
    decided.add(listeners_.whenSettled(row.id).then([result](core::Settled decision) {
      if (decision.problem && *result) *result = std::unexpected(kj::mv(*decision.problem));
    }));
  }
  auto all = kj::joinPromises(decided.finish()).then([this]() { return outcomes_.told(); });
  if (co_await within(timeoutMs, kj::mv(all))) co_return *result;
  co_return std::unexpected(problem_.value_or(failures::offline()));
}

Promise<void> Engine::catchUp(uint64_t timeoutMs) {
  auto result = std::make_shared<Result<void>>(std::unexpected(failures::offline()));
  auto work = delivery().then([this](Result<Delivery*> live) -> Promise<void> {
    if (!live) return Result<void>(std::unexpected(live.error()));
    return answered((*live)->catchUp());
  });
  bool inTime = co_await within(timeoutMs, work.then([result](Result<void> done) { *result = kj::mv(done); }));
  bool lost = !inTime || (!*result && result->error().code == ErrorCode::offline);
  co_return lost ? std::unexpected(problem_.value_or(failures::offline())) : *result;
}

// ---- what a person wants

template <class Wanted>
Promise<void> Engine::change(Wanted wanted) {
  EntryId id = CO_TRY(co_await core_.ask(kj::mv(wanted)));
  auto settled = listeners_.whenSettled(id);
  KJ_IF_MAYBE (live, delivery_) (*live)->stirOutbox();
  co_return co_await settleFor(id, kj::mv(settled));
}

Promise<void> Engine::settleFor(EntryId, kj::Promise<core::Settled> settled) {
  auto result = std::make_shared<Result<void>>();
  co_await within(kSettleWaitMs, settled.then([result](core::Settled decision) {
    if (decision.problem) *result = std::unexpected(kj::mv(*decision.problem));
  }));
  co_return *result;
}

Promise<LogId> Engine::openDirect(std::string name) { return answered(openDirectOnline(kj::mv(name))); }

Promise<LogId> Engine::openDirectOnline(std::string name) {
  Delivery* live = CO_TRY(co_await delivery());
  auto online = kj::addRef(live->online());
  Found found = CO_TRY(co_await findPerson(core_, *online, kj::mv(name)));
  auto request = online->logs.openDirectRequest();
  request.setAccount(schema::dataOf(found.person.account.view()));
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isRate()) co_return std::unexpected(failures::rateLimited(outcome.getRate()));
  auto log = outcome.isLog() ? schema::idOf<LogId>(outcome.getLog()) : std::nullopt;
  if (!log) co_return std::unexpected(failures::malformed("openDirect"));

  // What the other side has begun already is joined, not begun again.
  LogId id = *log;
  CO_TRY(co_await live->catchUp());
  auto here = CO_TRY(co_await core_.ask([](core::Core& c) { return c.conversations(); }));
  if (std::ranges::any_of(here, [id](const ConversationView& view) { return view.log == id && !view.ended; }))
    co_return id;

  auto self = co_await core_.ask([](core::Core& c) { return c.identity(); });
  core::Invitation other{.person = found.person, .keyPackages = {}};
  if (self && found.person.account != self->account) {
    other = CO_TRY(co_await takeKeyPackages(world_, core_, *online, found.person));
  }
  auto begun =
      CO_TRY(co_await core_.ask([id, other = kj::mv(other)](core::Core& c) { return c.beginDirect(id, other); }));
  if (!begun) co_return id;
  auto settled = listeners_.whenSettled(*begun);
  KJ_IF_MAYBE (now, delivery_) (*now)->stirOutbox();
  CO_TRY(co_await settleFor(*begun, kj::mv(settled)));
  co_return id;
}

Promise<LogId> Engine::createGroup(std::string title) {
  auto group = CO_TRY(co_await core_.ask([title = kj::mv(title)](core::Core& c) { return c.beginGroup(title); }));
  auto settled = listeners_.whenSettled(group.id);
  KJ_IF_MAYBE (live, delivery_) (*live)->stirOutbox();
  CO_TRY(co_await settleFor(group.id, kj::mv(settled)));
  co_return group.log;
}

Promise<void> Engine::invite(LogId log, std::vector<std::string> names) {
  return answered(inviteOnline(log, kj::mv(names)));
}

Promise<void> Engine::inviteOnline(LogId log, std::vector<std::string> names) {
  Delivery* live = CO_TRY(co_await delivery());
  auto online = kj::addRef(live->online());
  std::vector<core::Invitation> invitations;
  for (std::string& name : names) {
    Found found = CO_TRY(co_await findPerson(core_, *online, kj::mv(name)));
    invitations.push_back(CO_TRY(co_await takeKeyPackages(world_, core_, *online, found.person)));
  }
  co_return co_await change(
      [log, invitations = kj::mv(invitations)](core::Core& c) { return c.invite(log, invitations); });
}

Promise<void> Engine::remove(LogId log, std::string name) {
  auto person = CO_TRY(co_await core_.ask([name](core::Core& c) { return c.findPerson(name); }));
  if (!person) co_return std::unexpected(failures::noSuchUser(name));
  co_return co_await change([log, account = person->account](core::Core& c) { return c.remove(log, account); });
}

Promise<void> Engine::leave(LogId log) {
  return change([log](core::Core& c) { return c.leave(log); });
}

Promise<Written> Engine::send(LogId log, std::string text) {
  Written written = CO_TRY(co_await core_.ask([log, text = kj::mv(text)](core::Core& c) { return c.send(log, text); }));
  KJ_IF_MAYBE (live, delivery_) (*live)->stirOutbox();
  co_return written;
}

Promise<SentFile> Engine::sendFile(LogId log, std::string path) {
  auto sent = co_await answered(files_.send(log, kj::mv(path)));
  if (!sent) {
    co_return std::unexpected(
        failures::notQueued(kj::mv(sent.error()), "nothing was sent; say it again later, and it goes on where it was"));
  }
  KJ_IF_MAYBE (live, delivery_) (*live)->stirOutbox();
  co_return kj::mv(sent);
}

Promise<SavedFile> Engine::saveFile(LogId log, EntryId message, std::string to, Existing existing) {
  auto saved = co_await answered(files_.save(log, message, kj::mv(to), existing));
  if (!saved) {
    co_return std::unexpected(failures::notQueued(kj::mv(saved.error()), "nothing was saved; say it again later"));
  }
  co_return kj::mv(saved);
}

Promise<FileDropped> Engine::dropFile(LogId log, EntryId message) {
  auto dropped = co_await inTime(kDropWaitMs, files_.drop(log, message));
  if (!dropped) {
    // The server may have done it all the same, if only its answer was lost.
    co_return std::unexpected(failures::notQueued(
        kj::mv(dropped.error()),
        "the file counts as not dropped: say it again later; it does no harm if it is gone by then"));
  }
  co_return *dropped;
}

Promise<FileUsage> Engine::fileUsage(uint64_t timeoutMs) { return inTime(timeoutMs, files_.usage()); }

// ---- what faces show

Promise<std::vector<ConversationView>> Engine::conversations() {
  return core_.ask([](core::Core& c) { return c.conversations(); });
}
Promise<std::vector<MemberView>> Engine::members(LogId log) {
  return core_.ask([log](core::Core& c) { return c.members(log); });
}
Promise<std::vector<MessageView>> Engine::history(LogId log, uint32_t count) {
  return core_.ask([log, count](core::Core& c) { return c.history(log, count); });
}
Promise<std::vector<MessageView>> Engine::files(LogId log, uint32_t count) {
  return core_.ask([log, count](core::Core& c) { return c.files(log, count); });
}
Promise<std::vector<OwnFileView>> Engine::ownFiles(uint32_t count) {
  return core_.ask([count](core::Core& c) { return c.ownFiles(count); });
}
Promise<std::vector<MessageView>> Engine::unread(LogId log, uint32_t countMax) {
  return core_.ask([log, countMax](core::Core& c) { return c.unread(log, countMax); });
}
Promise<void> Engine::markRead(LogId log, uint64_t seq) {
  return core_.ask([log, seq](core::Core& c) { return c.markRead(log, seq); });
}

}  // namespace qpq::client
