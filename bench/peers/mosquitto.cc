// mosquitto, MQTT with QoS 1: a publish is answered when it is queued for a subscriber that is away. It writes its
// memory to the disk from time to time, so the answer promises nothing.

#include <kj/debug.h>
#include <mosquitto.h>

#include <format>
#include <map>
#include <mutex>
#include <semaphore>
#include <thread>
#include <utility>

#include "../samples.h"
#include "peer.h"

namespace qpq::bench {

namespace {

constexpr int kKeepAliveS = 600;
constexpr int kQos = 1;

enum class Session { fresh, kept };

void must(int code) { KJ_REQUIRE(code == MOSQ_ERR_SUCCESS, mosquitto_strerror(code)); }

class Client {
 public:
  Client(uint16_t port, const std::string& certificate, const std::string& name, Session session)
      : topic_("bench/" + name), raw_(mosquitto_new(name.c_str(), session == Session::fresh, this)) {
    must(mosquitto_tls_set(raw_, certificate.c_str(), nullptr, nullptr, nullptr, nullptr));
    must(mosquitto_tls_insecure_set(raw_, true));
    must(mosquitto_max_inflight_messages_set(raw_, 0));
    mosquitto_connect_callback_set(
        raw_, [](mosquitto*, void* self, int code) { static_cast<Client*>(self)->answered(code == 0); });
    mosquitto_subscribe_callback_set(
        raw_, [](mosquitto*, void* self, int, int, const int*) { static_cast<Client*>(self)->answered(true); });
    mosquitto_publish_callback_set(
        raw_, [](mosquitto*, void* self, int id) { static_cast<Client*>(self)->acknowledged(id); });
    must(mosquitto_connect(raw_, "127.0.0.1", port, kKeepAliveS));
    must(mosquitto_loop_start(raw_));
    await();
  }
  KJ_DISALLOW_COPY_AND_MOVE(Client);
  ~Client() {
    mosquitto_disconnect(raw_);
    mosquitto_loop_stop(raw_, false);
    mosquitto_destroy(raw_);
  }

  void subscribe(const char* topics) {
    must(mosquitto_subscribe(raw_, nullptr, topics, kQos));
    await();
  }

  std::vector<double> append(uint64_t count, uint64_t window, std::size_t size) {
    std::counting_semaphore<> free(static_cast<std::ptrdiff_t>(window));
    free_ = &free;
    std::string message(size, 'q');
    for (uint64_t i = 0; i < count; ++i) {
      free.acquire();
      std::lock_guard lock(mutex_);  // the answer may come before the id is known
      int id = 0;
      double now = wallUs();
      must(mosquitto_publish(raw_, &id, topic_.c_str(), static_cast<int>(size), message.data(), kQos, false));
      sentUs_[id] = now;
    }
    for (uint64_t i = 0; i < window; ++i) free.acquire();
    return std::exchange(eachUs_, {});
  }

 private:
  // These two on the library's thread.
  void answered(bool well) {
    well_ = well;
    answer_.release();
  }
  void acknowledged(int id) {
    {
      std::lock_guard lock(mutex_);
      eachUs_.push_back(wallUs() - sentUs_.extract(id).mapped());
    }
    free_->release();
  }
  void await() {
    answer_.acquire();
    KJ_REQUIRE(well_, "mosquitto refused");
  }

  const std::string topic_;
  mosquitto* const raw_;
  std::binary_semaphore answer_{0};
  bool well_ = false;
  std::mutex mutex_;
  std::map<int, double> sentUs_;
  std::vector<double> eachUs_;
  std::counting_semaphore<>* free_ = nullptr;
};

class Mosquitto final: public Peer {
 public:
  explicit Mosquitto(const PeerPlace& place): certificate_(place.folder / "cert.pem") {
    const auto& folder = place.folder;
    mosquitto_lib_init();
    writeCertificate(folder);
    writeText(folder / "mosquitto.conf",
              std::format("listener {} 127.0.0.1\ncertfile {}\nkeyfile {}\ntls_version tlsv1.3\nallow_anonymous true\n"
                          "persistence true\npersistence_location {}/\nuser root\n"
                          "max_queued_messages 0\nmax_inflight_messages 0\n",
                          port_, certificate_, (folder / "key.pem").string(), folder.string()));
    process_.emplace(std::vector<std::string>{"mosquitto", "-c", folder / "mosquitto.conf"}, folder / "said.log",
                     ChildProcess::Options{.core = place.core});
    awaitListener(port_, *process_);
    // Whoever the messages are for is away, so they are kept.
    Client(port_, certificate_, "subscriber", Session::kept).subscribe("bench/#");
  }
  ~Mosquitto() override {
    clients_.clear();
    mosquitto_lib_cleanup();
  }

  std::string_view name() const override { return "mosquitto"; }
  std::string_view durability() const override { return "none"; }
  ChildProcess& process() override { return *process_; }

  void connect(uint64_t clients) override {
    clients_.clear();
    for (uint64_t i = 0; i < clients; ++i) {
      clients_.push_back(std::make_unique<Client>(port_, certificate_, std::format("client-{}", i), Session::fresh));
    }
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
  const std::string certificate_;
  const uint16_t port_ = freePort();
  std::optional<ChildProcess> process_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

std::unique_ptr<Peer> startMosquitto(const PeerPlace& place) {
  return isInstalled("mosquitto") ? std::make_unique<Mosquitto>(place) : nullptr;
}

}  // namespace qpq::bench
