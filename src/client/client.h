#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/timer.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "client/error.h"
#include "client/link.h"
#include "client/promise.h"
#include "client/view.h"
#include "crypto/argon2.h"
#include "loop/worker.h"

namespace qpq::client {

// The world a client lives in, handed down by the program or the simulator. Everything outlives the Client.
struct World {
  const Clock& clock;
  Random& random;  // also used on the worker
  kj::Timer& timer;
  loop::Worker& worker;  // owns the profile's database and the MLS state
  loop::Worker& files;   // reads and writes what people send each other: a slow drive holds up nothing else
  Connector& connector;
  ServerTrust& trust;
};

struct OpenOptions {
  std::string folder;                                        // of the profile; made 0700 if absent
  crypto::Argon2Cost cost = crypto::kArgon2CostMin;          // of a new key slot
  crypto::Argon2Cost costAccepted = crypto::kArgon2CostMin;  // what a server may ask at least
  std::string vfs;                                           // a registered SQLite file layer; empty: the system's
};

struct Registered {
  SecretBytes recoveryKey;  // groups of letters and digits, to be written down: it is shown once and kept nowhere
};

// The engine all faces share: one account's device, its conversations and its outbox. One per profile folder.
//
// Every method may be called while offline; what needs the server waits for it up to the engine's time limit and then
// fails with `offline`, except sending, which never waits: it is durable in the outbox when its promise resolves.
class Client {
 public:
  // Opens the profile with its local passphrase, or makes a new one under it.
  static Promise<kj::Own<Client>> open(World world, OpenOptions options, SecretBytes passphrase);
  virtual ~Client() noexcept(false) = default;

  // `inviteCode`: as its operator gave it; empty until the server has answered inviteNeeded.
  virtual Promise<Registered> registerUser(std::string name, SecretBytes password, SecretBytes inviteCode) = 0;
  virtual Promise<void> login(std::string name, SecretBytes password) = 0;
  virtual kj::Promise<bool> signedIn() = 0;
  virtual Promise<Whoami> whoami() = 0;
  // Connects if need be and measures one round trip. Works without an account.
  virtual Promise<ServerHealth> health() = 0;

  // Stays connected from now on: follows all logs, reconnects with back-off, empties the outbox.
  virtual void start() = 0;
  // Resolves when everything queued before the call has been read back and the listeners know; fails with `offline`
  // when it takes longer, and with the problem of the first that was refused for good.
  virtual Promise<void> flush(uint64_t timeoutMs) = 0;
  // Resolves when everything the server held at the moment of the call has been received.
  virtual Promise<void> catchUp(uint64_t timeoutMs) = 0;

  virtual Promise<LogId> openDirect(std::string name) = 0;  // with one's own name: the notes
  virtual Promise<LogId> createGroup(std::string title) = 0;
  virtual Promise<void> invite(LogId log, std::vector<std::string> names) = 0;
  virtual Promise<void> remove(LogId log, std::string name) = 0;
  virtual Promise<void> leave(LogId log) = 0;
  virtual Promise<Written> send(LogId log, std::string text) = 0;
  // Brings the file to the server and then sends the message that names it; before the server has all of it nothing is
  // promised. Asked again for the same file and conversation, an upload that was cut off goes on where it was.
  virtual Promise<SentFile> sendFile(LogId log, std::string path) = 0;
  // Fetches the file that this message brings. `to`: a folder, or the path it is to have. All of it is there then, or
  // nothing.
  virtual Promise<SavedFile> saveFile(LogId log, EntryId message, std::string to, Existing existing) = 0;

  // Lets the server forget the file that this own message brings; the message stays. What could not be asked or
  // answered changes nothing here, and asking again does no harm. noSuchFile: also if somebody else has sent it.
  virtual Promise<FileDropped> dropFile(LogId log, EntryId message) = 0;
  virtual Promise<FileUsage> fileUsage(uint64_t timeoutMs) = 0;

  virtual Promise<std::vector<ConversationView>> conversations() = 0;
  virtual Promise<std::vector<MemberView>> members(LogId log) = 0;
  virtual Promise<std::vector<MessageView>> history(LogId log, uint32_t count) = 0;  // newest last
  virtual Promise<std::vector<MessageView>> files(LogId log, uint32_t count) = 0;  // those that bring one; newest last
  virtual Promise<std::vector<OwnFileView>> ownFiles(uint32_t count) = 0;          // of all conversations; newest last
  // The oldest `countMax` received messages not yet marked read.
  virtual Promise<std::vector<MessageView>> unread(LogId log, uint32_t countMax) = 0;
  // Received messages up to this place count as read, and the conversation as entered; 0: only that. What came after
  // those that were shown stays unread.
  virtual Promise<void> markRead(LogId log, uint64_t seq) = 0;

  // Events from now on. At most one listener per subscription; dropping the Own ends it. The engine holds nothing for a
  // slow listener: what it missed is in history().
  virtual kj::Own<void> listen(kj::Function<void(const Event&)> listener) = 0;

  // Whether `promise` came true within the time; by the client's own timer.
  virtual kj::Promise<bool> within(uint64_t timeoutMs, kj::Promise<void> promise) = 0;

  // Stops following, finishes what is being written, closes the database.
  virtual kj::Promise<void> close() = 0;
};

}  // namespace qpq::client
