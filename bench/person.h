#pragma once

#include <filesystem>
#include <string>

#include "client/client.h"
#include "client/engine/quic_connector.h"
#include "client_loop.h"
#include "loop/worker.h"

namespace qpq::bench {

// Somebody with a real client engine: a profile folder, a worker thread and a connection of their own.
class Person final: private client::ServerTrust {
 public:
  // Registers and is online. Throws what the engine complains of, here and below.
  Person(ClientLoop& clients, const quic::SocketAddress& server, const std::filesystem::path& folder, std::string name);
  ~Person();
  KJ_DISALLOW_COPY_AND_MOVE(Person);

  LogId openDirect(const Person& other);

  struct Passage {
    double queuedUs;  // until the message was durable in the sender's outbox
    double shownUs;   // until the other's face was told of it
  };
  Passage say(const LogId& log, const std::string& text, Person& other);

 private:
  kj::Promise<bool> trustNewServer(std::string, std::string) override { return true; }
  kj::Promise<void> awaitMessage(std::string text);
  void told(const client::Event& event);
  template <class T>
  T must(client::Promise<T> promise);

  ClientLoop& clients_;
  const std::string name_;
  loop::ThreadWorker worker_;
  loop::ThreadWorker files_;
  client::QuicConnector connector_;
  kj::Own<client::Client> client_;
  kj::Own<void> listening_;
  std::string awaited_;
  kj::Own<kj::PromiseFulfiller<void>> arrived_;
};

}  // namespace qpq::bench
