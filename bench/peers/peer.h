#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../child_process.h"

namespace qpq::bench {

// Another server, on the same disk, behind the same kind of certificate and TLS 1.3, driven through its own library.
// What breaks throws a kj::Exception.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view durability() const = 0;            // what an answer means: none, fsync
  virtual uint64_t countMax() const { return ~uint64_t{0}; }  // messages of one client, for one that takes long

  virtual ChildProcess& process() = 0;
  // So many clients, signed in and waiting; those before are gone.
  virtual void connect(uint64_t clients) = 0;
  // Each of them has `count` messages of `size` bytes stored, `window` unanswered at a time; how long each took.
  virtual std::vector<double> appends(uint64_t count, uint64_t window, std::size_t size) = 0;
};

// Where a peer stores and what it is started with.
struct PeerPlace {
  std::filesystem::path folder;
  std::optional<uint32_t> core;
};
// Nothing: it is not installed.
std::unique_ptr<Peer> startNats(const PeerPlace& place);
std::unique_ptr<Peer> startMosquitto(const PeerPlace& place);
std::unique_ptr<Peer> startProsody(const PeerPlace& place);

// Whether a program of this name can be started.
bool isInstalled(std::string_view program);
// A port nobody listens at; and waits until somebody does.
uint16_t freePort();
void awaitListener(uint16_t port, const ChildProcess& process);
// A certificate for localhost in cert.pem and key.pem of the folder, which is made.
void writeCertificate(const std::filesystem::path& folder);
void writeText(const std::filesystem::path& file, const std::string& text);

}  // namespace qpq::bench
