// Prosody with a chat room for each client, whose archive lies in SQLite (`synchronous=FULL`, as it comes). A message
// is in the archive when the room sends it back.

#include <kj/debug.h>
#include <strophe.h>

#include <charconv>
#include <format>
#include <map>

#include "../samples.h"
#include "peer.h"

namespace qpq::bench {

namespace {

constexpr const char* kPassword = "secret";
constexpr unsigned long kTurnMs = 1;
constexpr double kPatienceUs = 60e6;

class Client {
 public:
  Client(xmpp_ctx_t* context, uint16_t port, std::size_t number)
      : room_(std::format("room-{}@rooms.localhost", number)), raw_(xmpp_conn_new(context)) {
    xmpp_conn_set_flags(raw_, XMPP_CONN_FLAG_MANDATORY_TLS | XMPP_CONN_FLAG_TRUST_TLS | XMPP_CONN_FLAG_DISABLE_SM);
    xmpp_conn_set_jid(raw_, std::format("user-{}@localhost/bench", number).c_str());
    xmpp_conn_set_pass(raw_, kPassword);
    KJ_REQUIRE(xmpp_connect_client(raw_, "127.0.0.1", port, changed, this) == XMPP_EOK);
  }
  KJ_DISALLOW_COPY_AND_MOVE(Client);
  ~Client() { xmpp_conn_release(raw_); }

  bool isReady() const { return ready_; }

  void begin(uint64_t count, uint64_t window, std::size_t size) {
    left_ = count;
    body_ = std::string(size, 'q');
    eachUs_.clear();
    for (uint64_t i = 0; i < window && left_ > 0; ++i) send();
  }
  bool isDone() const { return left_ == 0 && sentUs_.empty(); }
  const std::vector<double>& eachUs() const { return eachUs_; }

 private:
  static void changed(xmpp_conn_t* raw, xmpp_conn_event_t event, int, xmpp_stream_error_t*, void* closure) {
    auto& self = *static_cast<Client*>(closure);
    if (event != XMPP_CONN_CONNECT) return;
    xmpp_handler_add(raw, entered, nullptr, "presence", nullptr, &self);
    xmpp_handler_add(raw, reflected, nullptr, "message", nullptr, &self);
    self.say(std::format("<presence to='{}/me'><x xmlns='http://jabber.org/protocol/muc'/></presence>", self.room_));
  }
  static int entered(xmpp_conn_t*, xmpp_stanza_t*, void* closure) {
    static_cast<Client*>(closure)->ready_ = true;
    return 1;
  }
  static int reflected(xmpp_conn_t*, xmpp_stanza_t* stanza, void* closure) {
    auto& self = *static_cast<Client*>(closure);
    const char* id = xmpp_stanza_get_id(stanza);
    auto sent = self.sentUs_.find(id == nullptr ? "" : id);
    if (sent == self.sentUs_.end()) return 1;  // the room's subject
    self.eachUs_.push_back(wallUs() - sent->second);
    self.sentUs_.erase(sent);
    if (self.left_ > 0) self.send();
    return 1;
  }

  void send() {
    std::string id = std::format("m{}", ++numbered_);
    --left_;
    sentUs_[id] = wallUs();
    say(std::format("<message type='groupchat' id='{}' to='{}'><body>{}</body></message>", id, room_, body_));
  }
  void say(const std::string& stanza) { xmpp_send_raw(raw_, stanza.data(), stanza.size()); }

  const std::string room_;
  xmpp_conn_t* const raw_;
  bool ready_ = false;
  uint64_t numbered_ = 0;
  uint64_t left_ = 0;
  std::string body_;
  std::map<std::string, double> sentUs_;
  std::vector<double> eachUs_;
};

std::string configuration(const std::filesystem::path& folder, uint16_t port) {
  return std::format(R"(
run_as_root = true
data_path = "{0}"
certificates = "{0}"
ssl = {{ certificate = "{0}/cert.pem", key = "{0}/key.pem", protocol = "tlsv1_3" }}
c2s_ports = {{ {1} }}
c2s_interfaces = {{ "127.0.0.1" }}
c2s_require_encryption = true
s2s_ports = {{ }}
modules_enabled = {{ "saslauth", "tls" }}
modules_disabled = {{ "s2s", "http", "limits" }}
authentication = "internal_plain"
storage = {{ archive = "sql" }}
sql = {{ driver = "SQLite3", database = "archive.sqlite" }}
storage_archive_item_limit = 0
log = {{ warn = "*console" }}
VirtualHost "localhost"
Component "rooms.localhost" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_room_locking = false
  muc_log_by_default = true
  max_archive_query_results = 1
)",
                     folder.string(), port);
}

class Prosody final: public Peer {
 public:
  explicit Prosody(const PeerPlace& place): folder_(place.folder), context_(xmpp_ctx_new(nullptr, nullptr)) {
    xmpp_initialize();
    writeCertificate(folder_);
    writeText(folder_ / "prosody.cfg.lua", configuration(folder_, port_));
    process_.emplace(std::vector<std::string>{"prosody", "-F", "--config", folder_ / "prosody.cfg.lua"},
                     folder_ / "said.log", ChildProcess::Options{.core = place.core});
    awaitListener(port_, *process_);
  }
  ~Prosody() override {
    clients_.clear();
    xmpp_ctx_free(context_);
    xmpp_shutdown();
  }

  std::string_view name() const override { return "prosody"; }
  std::string_view durability() const override { return "fsync"; }
  uint64_t countMax() const override { return 10; }
  ChildProcess& process() override { return *process_; }

  void connect(uint64_t clients) override {
    clients_.clear();
    for (uint64_t i = 0; i < clients; ++i) {
      writeText(folder_ / "localhost" / "accounts" / std::format("user%2d{}.dat", i),
                std::format("return {{ [\"password\"] = \"{}\"; }};\n", kPassword));
      clients_.push_back(std::make_unique<Client>(context_, port_, i));
    }
    await([](const Client& client) { return client.isReady(); });
  }

  std::vector<double> appends(uint64_t count, uint64_t window, std::size_t size) override {
    for (auto& client : clients_) client->begin(count, window, size);
    await([](const Client& client) { return client.isDone(); });
    std::vector<double> all;
    for (auto& client : clients_) all.insert(all.end(), client->eachUs().begin(), client->eachUs().end());
    return all;
  }

 private:
  template <class Condition>
  void await(Condition holds) {
    double until = wallUs() + kPatienceUs;
    for (const auto& client : clients_) {
      while (!holds(*client)) {
        KJ_REQUIRE(wallUs() < until, "prosody takes too long", process_->said().c_str());
        xmpp_run_once(context_, kTurnMs);
      }
    }
  }

  const std::filesystem::path folder_;
  const uint16_t port_ = freePort();
  xmpp_ctx_t* const context_;
  std::optional<ChildProcess> process_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

std::unique_ptr<Peer> startProsody(const PeerPlace& place) {
  return isInstalled("prosody") ? std::make_unique<Prosody>(place) : nullptr;
}

}  // namespace qpq::bench
