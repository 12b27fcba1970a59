#include "person.h"

#include <kj/debug.h>

#include <type_traits>

#include "base/time.h"
#include "samples.h"

namespace qpq::bench {

namespace {

constexpr uint64_t kPatienceMs = 30 * kSecondMs;

SecretBytes passwordOf(const std::string& name) { return SecretBytes(asBytes("password of " + name)); }

}  // namespace

Person::Person(ClientLoop& clients, const quic::SocketAddress& server, const std::filesystem::path& folder,
               std::string name)
    : clients_(clients),
      name_(std::move(name)),
      connector_({clients.port, clients.timer, clients.clock, clients.random, worker_}, server.text(), {}) {
  client::World world{clients.clock, clients.random, clients.timer, worker_, files_, connector_, *this};
  client::OpenOptions options{
      .folder = folder, .cost = crypto::kArgon2CostTest, .costAccepted = crypto::kArgon2CostTest, .vfs = {}};
  client_ = must(client::Client::open(world, options, passwordOf(name_)));
  must(client_->registerUser(name_, passwordOf(name_), SecretBytes()));
  listening_ = client_->listen([this](const client::Event& event) { told(event); });
  client_->start();
  must(client_->catchUp(kPatienceMs));
}

Person::~Person() {
  listening_ = nullptr;
  clients_.wait(client_->close());
}

LogId Person::openDirect(const Person& other) { return must(client_->openDirect(other.name_)); }

Person::Passage Person::say(const LogId& log, const std::string& text, Person& other) {
  auto shown = other.awaitMessage(text);
  double start = wallUs();
  must(client_->send(log, text));
  double queued = wallUs();
  bool inTime = clients_.wait(client_->within(kPatienceMs, kj::mv(shown)));
  KJ_REQUIRE(inTime, "a message did not arrive", name_.c_str());
  return {.queuedUs = queued - start, .shownUs = wallUs() - start};
}

kj::Promise<void> Person::awaitMessage(std::string text) {
  auto paired = kj::newPromiseAndFulfiller<void>();
  awaited_ = std::move(text);
  arrived_ = kj::mv(paired.fulfiller);
  return kj::mv(paired.promise);
}

void Person::told(const client::Event& event) {
  const auto* message = std::get_if<client::event::Message>(&event);
  if (message == nullptr || message->message.state != client::MessageView::State::received) return;
  if (arrived_.get() != nullptr && message->message.text == awaited_) arrived_->fulfill();
}

template <class T>
T Person::must(client::Promise<T> promise) {
  auto result = clients_.wait(kj::mv(promise));
  if (!result) KJ_FAIL_REQUIRE("the client complains", name_.c_str(), result.error().what.c_str());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace qpq::bench
