#pragma once

#include <kj/async-io.h>

#include <string>

#include "client/client.h"
#include "command/cli/invocation.h"
#include "command/host/host.h"
#include "command/host/profile_socket.h"
#include "crypto/system_random.h"
#include "loop/system_clock.h"
#include "loop/worker.h"
#include "quic/kernel_timer.h"

namespace qpq {

// One run of qpq: finds the profile, attaches to the process that owns it or becomes its owner, does what was asked.
class Program {
 public:
  Program(kj::AsyncIoContext& io, command::Invocation invocation);
  KJ_DISALLOW_COPY_AND_MOVE(Program);

  kj::Promise<command::Exit> run();

 private:
  kj::Promise<command::Outcome<command::Exit>> runIn(std::string folder);
  kj::Promise<command::Outcome<command::Exit>> runAttached(command::Host& host);
  kj::Promise<command::Outcome<command::Exit>> runAsOwner(std::string folder);
  kj::Promise<command::Outcome<command::Exit>> signIn(client::Client& client, const std::string& folder);
  kj::Promise<command::Outcome<void>> ensureSignedIn(client::Client& client, const std::string& folder);
  kj::Promise<command::Outcome<void>> registerHere(client::Client& client, const std::string& folder, std::string name);
  kj::Promise<command::Outcome<void>> loginHere(client::Client& client, const std::string& folder, std::string name);

  kj::Promise<command::Outcome<command::Exit>> perform(command::Host& host);
  kj::Promise<command::Outcome<command::Exit>> call(command::Host& host, const command::ask::Call& call);
  kj::Promise<command::Outcome<command::Exit>> followMessages(command::Host& host);
  kj::Promise<command::Outcome<command::Exit>> repl(command::Host& host, const command::ask::Repl& repl);

  command::Outcome<std::string> serverAddress(const std::string& folder) const;
  void print(const command::Value& result, std::string (*show)(const command::Value&)) const;
  command::Exit fail(const command::Failure& failure) const;

  kj::AsyncIoContext& io_;
  command::Invocation invocation_;
  loop::SystemClock clock_;
  crypto::SystemRandom random_;
  quic::KernelTimer timer_;
  loop::ThreadWorker worker_;
  loop::ThreadWorker files_;
};

}  // namespace qpq
