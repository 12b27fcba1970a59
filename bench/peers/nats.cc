// NATS JetStream: a publish is answered when the stream has it, which with `sync_interval: always` means on the disk.

#include <kj/debug.h>
#include <nats/nats.h>

#include <cstring>
#include <format>
#include <mutex>
#include <semaphore>
#include <thread>

#include "../samples.h"
#include "peer.h"

namespace qpq::bench {

namespace {

constexpr int64_t kPatienceMs = 30'000;
constexpr const char* kStream = "bench";
constexpr const char* kSubjects = "bench.*";

void must(natsStatus status) { KJ_REQUIRE(status == NATS_OK, natsStatus_GetText(status)); }

struct Free {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(jsCtx* context) const { jsCtx_Destroy(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
template <class T, class Make>
Owned<T> make(Make&& call) {
  T* made = nullptr;
  must(call(&made));
  return Owned<T>(made);
}

class Client {
 public:
  Client(uint16_t port, std::size_t number): subject_(std::format("bench.{}", number)) {
    auto options = make<natsOptions>(natsOptions_Create);
    must(natsOptions_SetURL(options.get(), std::format("tls://127.0.0.1:{}", port).c_str()));
    must(natsOptions_SetSecure(options.get(), true));
    must(natsOptions_SkipServerVerification(options.get(), true));
    must(natsOptions_SetSendAsap(options.get(), true));
    connection_ =
        make<natsConnection>([&](natsConnection** out) { return natsConnection_Connect(out, options.get()); });
    jsOptions stream;
    must(jsOptions_Init(&stream));
    stream.Wait = kPatienceMs;
    stream.PublishAsync.AckHandler = acknowledged;
    stream.PublishAsync.AckHandlerClosure = this;
    context_ = make<jsCtx>([&](jsCtx** out) { return natsConnection_JetStream(out, connection_.get(), &stream); });
  }

  void addStream() {
    jsStreamConfig config;
    must(jsStreamConfig_Init(&config));
    config.Name = kStream;
    config.Subjects = &kSubjects_;
    config.SubjectsLen = 1;
    must(js_AddStream(nullptr, context_.get(), &config, nullptr, nullptr));
  }

  std::vector<double> append(uint64_t count, uint64_t window, std::size_t size) {
    eachUs_.clear();
    failed_ = false;
    std::counting_semaphore<> free(static_cast<std::ptrdiff_t>(window));
    free_ = &free;
    std::string message(size, 'q');
    for (uint64_t i = 0; i < count; ++i) {
      free.acquire();
      double now = wallUs();
      std::memcpy(message.data(), &now, sizeof(now));
      must(js_PublishAsync(context_.get(), subject_.c_str(), message.data(), static_cast<int>(size), nullptr));
    }
    for (uint64_t i = 0; i < window; ++i) free.acquire();
    KJ_REQUIRE(!failed_, "NATS refused a message");
    return std::move(eachUs_);
  }

 private:
  // On a thread of the connection's own.
  static void acknowledged(jsCtx*, natsMsg* message, jsPubAck* acknowledgement, jsPubAckErr*, void* closure) {
    auto& self = *static_cast<Client*>(closure);
    double sent;
    std::memcpy(&sent, natsMsg_GetData(message), sizeof(sent));
    natsMsg_Destroy(message);
    self.eachUs_.push_back(wallUs() - sent);
    if (acknowledgement == nullptr) self.failed_ = true;
    self.free_->release();
  }

  static inline const char* kSubjects_ = kSubjects;
  const std::string subject_;
  Owned<natsConnection> connection_;
  Owned<jsCtx> context_;  // goes first
  std::vector<double> eachUs_;
  bool failed_ = false;
  std::counting_semaphore<>* free_ = nullptr;
};

class Nats final: public Peer {
 public:
  explicit Nats(const PeerPlace& place) {
    const auto& folder = place.folder;
    writeCertificate(folder);
    writeText(folder / "nats.conf",
              std::format("listen: \"127.0.0.1:{}\"\n"
                          "tls {{ cert_file: \"{}\", key_file: \"{}\", min_version: \"1.3\" }}\n"
                          "jetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
                          port_, (folder / "cert.pem").string(), (folder / "key.pem").string(), folder.string()));
    process_.emplace(std::vector<std::string>{"nats-server", "-c", folder / "nats.conf"}, folder / "said.log",
                     ChildProcess::Options{.core = place.core});
    awaitListener(port_, *process_);
    Client(port_, 0).addStream();
  }

  std::string_view name() const override { return "nats"; }
  std::string_view durability() const override { return "fsync"; }
  ChildProcess& process() override { return *process_; }

  void connect(uint64_t clients) override {
    clients_.clear();
    for (uint64_t i = 0; i < clients; ++i) clients_.push_back(std::make_unique<Client>(port_, i));
  }

  std::vector<double> appends(uint64_t count, uint64_t window, std::size_t size) override {
    std::vector<std::vector<double>> each(clients_.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        threads.emplace_back([&, i]() { each[i] = clients_[i]->append(count, window, size); });
      }
    }
    std::vector<double> all;
    for (const auto& some : each) all.insert(all.end(), some.begin(), some.end());
    return all;
  }

 private:
  const uint16_t port_ = freePort();
  std::optional<ChildProcess> process_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

std::unique_ptr<Peer> startNats(const PeerPlace& place) {
  return isInstalled("nats-server") ? std::make_unique<Nats>(place) : nullptr;
}

}  // namespace qpq::bench
