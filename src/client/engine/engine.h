#pragma once

#include <deque>

#include "client/client.h"
#include "client/engine/backoff.h"
#include "client/engine/core_seat.h"
#include "client/engine/delivery.h"
#include "client/engine/files.h"
#include "client/engine/listeners.h"

namespace qpq::client {

// The asynchronous half: keeps one connection, and turns what a person wants into questions to the core and calls to
// the server.
class Engine final: public Client, private kj::TaskSet::ErrorHandler {
 public:
  Engine(World world, OpenOptions options, std::unique_ptr<core::Core> core);
  ~Engine() noexcept(false) override;
  KJ_DISALLOW_COPY_AND_MOVE(Engine);

  Promise<Registered> registerUser(std::string name, SecretBytes password, SecretBytes inviteCode) override;
  Promise<void> login(std::string name, SecretBytes password) override;
  kj::Promise<bool> signedIn() override;
  Promise<Whoami> whoami() override;
  Promise<ServerHealth> health() override;

  void start() override;
  Promise<void> flush(uint64_t timeoutMs) override;
  Promise<void> catchUp(uint64_t timeoutMs) override;

  Promise<LogId> openDirect(std::string name) override;
  Promise<LogId> createGroup(std::string title) override;
  Promise<void> invite(LogId log, std::vector<std::string> names) override;
  Promise<void> remove(LogId log, std::string name) override;
  Promise<void> leave(LogId log) override;
  Promise<Written> send(LogId log, std::string text) override;
  Promise<SentFile> sendFile(LogId log, std::string path) override;
  Promise<SavedFile> saveFile(LogId log, EntryId message, std::string to, Existing existing) override;
  Promise<FileDropped> dropFile(LogId log, EntryId message) override;
  Promise<FileUsage> fileUsage(uint64_t timeoutMs) override;

  Promise<std::vector<ConversationView>> conversations() override;
  Promise<std::vector<MemberView>> members(LogId log) override;
  Promise<std::vector<MessageView>> history(LogId log, uint32_t count) override;
  Promise<std::vector<MessageView>> files(LogId log, uint32_t count) override;
  Promise<std::vector<OwnFileView>> ownFiles(uint32_t count) override;
  Promise<std::vector<MessageView>> unread(LogId log, uint32_t countMax) override;
  Promise<void> markRead(LogId log, uint64_t seq) override;

  kj::Own<void> listen(kj::Function<void(const Event&)> listener) override;
  kj::Promise<bool> within(uint64_t timeoutMs, kj::Promise<void> promise) override;
  kj::Promise<void> close() override;

 private:
  // The connection's life.
  kj::Promise<void> stayConnected();
  Promise<void> serveOnce();
  Promise<Dialled> dialInTime();
  Promise<Dialled> dialTwice();
  void setOffline(const Error& why);
  // The delivery of a live connection, waited for as long as a command waits.
  Promise<Delivery*> delivery();

  Promise<kj::Own<Online>> connected();

  Promise<LogId> openDirectOnline(std::string name);
  Promise<void> inviteOnline(LogId log, std::vector<std::string> names);
  // Waits for the decision on an own change for a while; undecided by then, it is the outbox's.
  Promise<void> settleFor(EntryId id, kj::Promise<core::Settled> settled);
  // A change that is durable once `wanted` has been asked of the core.
  template <class Wanted>
  Promise<void> change(Wanted wanted);
  // A lost connection or peer becomes an answer.
  template <class T>
  Promise<T> answered(Promise<T> work);
  // Likewise, and offline after the time.
  template <class T>
  Promise<T> inTime(uint64_t timeoutMs, Promise<T> work);
  void taskFailed(kj::Exception&& exception) override;

  World world_;
  OpenOptions options_;
  CoreSeat core_;
  Listeners listeners_;
  Outcomes outcomes_{core_, listeners_};
  Backoff backoff_;
  kj::Maybe<kj::Own<Delivery>> delivery_;
  std::optional<Error> problem_;                             // why there is no connection
  std::deque<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // for a connection
  Files files_{world_, core_, listeners_, [this]() { return connected(); }};
  bool started_ = false;
  kj::TaskSet tasks_;
};

}  // namespace qpq::client
