#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "client/core/account.h"
#include "client/core/delivery.h"
#include "client/error.h"
#include "client/store/uploads.h"
#include "client/view.h"
#include "crypto/argon2.h"
#include "wire/inside/file.h"
#include "wire/key_package.h"

namespace qpq::client::core {

struct Options {
  std::string folder;                                // made 0700 if absent
  crypto::Argon2Cost cost = crypto::kArgon2CostMin;  // of a new key slot
  std::string vfs;                                   // a registered SQLite file layer; empty for the system's
};

// What everything is told; outlives the Core.
struct Surroundings {
  const Clock& clock;
  Random& random;
};

// The blocking half of the engine: the profile folder with its database, the groups, the outbox. It knows no network
// and runs on one thread at a time (the Worker's).
//
// Every operation is one transaction or none: what it returns is durable, and after an error nothing has changed, in
// memory neither. Foreign bytes never make it fail: what they are worth comes back as events.
class Core {
 public:
  // Opens the profile with its local passphrase, or makes one under it.
  // profileLocked, wrongPassphrase, profileCorrupt, profileTooNew.
  static Result<std::unique_ptr<Core>> open(const Options& options, const SecretBytes& passphrase,
                                            Surroundings surroundings);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // ---- Account. In the order of a registration (login: makeDevice instead of makeAccount, no Registration):
  //      makeAccount → OPAQUE, vault → keepSignIn → registerFinish → completeSignIn.

  // Nothing before completeSignIn().
  std::optional<Identity> identity() const;
  // Fresh ids and keys, in memory only. badInput: the name.
  Result<NewAccount> makeAccount(const std::string& name);
  // A further device for an account whose seed the vault has given. badInput: the seed is not that of the list.
  Result<NewDevice> makeDevice(const std::string& name, const Secret<32>& accountSeed,
                               const wire::VerifiedDeviceList& newest);
  // Makes it durable, before the server hears of it. Takes the place of an earlier one that was not completed.
  Result<void> keepSignIn(const NewDevice& device, const std::optional<Registration>& registration);
  Result<std::optional<PendingSignIn>> pendingSignIn();
  Result<void> completeSignIn();  // the server has accepted it
  Result<void> dropSignIn();      // the server has refused it for good

  // The device key's signature of the connection's exporter. notSignedIn; while a sign-in is pending, with its keys: an
  // enrolment interrupted after the server accepted it is known by resume() succeeding.
  Result<ResumeProof> signResume(const ByteArray<32>& exporter);
  // Changes the passphrase's key slot; the database stays as it is.
  Result<void> changePassphrase(const SecretBytes& passphrase, const crypto::Argon2Cost& cost);

  // ---- Server
  std::optional<ServerPin> server() const;
  // Of every connection, once signature, identity and TLS key are checked: pins the first one, remembers the receipt
  // keys. serverChanged if the identity is another one. A new incarnation is an alarm.
  Result<Outcome> noteServer(const std::string& address, const wire::VerifiedServerInfo& info);

  // ---- People
  // What wire::checkAnsweredList asks for; the own account included.
  Result<wire::KnownAccount> known(const AccountId& account);
  Result<std::optional<KnownPerson>> findPerson(const std::string& name);  // compared case-folded
  // Members met in conversations whose name the directory has still to be asked for.
  Result<std::vector<AccountId>> nameless();
  // The same events with the names that are known by now.
  Result<std::vector<Event>> named(std::vector<Event> events);
  // Keeps a name and a newer list; a differing account key or a forked list is an alarm and changes nothing.
  Result<Outcome> notePerson(const Person& person);

  // ---- Key packages. Private halves are durable when the packages come back.
  Result<std::vector<Bytes>> makeKeyPackages(uint32_t count);
  Result<Bytes> makeLastResort();

  // ---- What a person wants. Each is a durable row of the outbox when it returns, and the EntryId is how
  // Outcome::settled
  //      names it. noSuchConversation, notMember, notAllowed, updateNeeded, badInput.

  // The direct conversation with this account in the log the server gave; empty packages with one's own account and no
  // other device. Nothing to do (no id) if it is there already.
  Result<std::optional<EntryId>> beginDirect(const LogId& log, const Invitation& other);
  struct NewGroup {
    LogId log;
    EntryId id;
  };
  Result<NewGroup> beginGroup(const std::string& title);
  Result<EntryId> invite(const LogId& log, const std::vector<Invitation>& invitations);
  Result<EntryId> remove(const LogId& log, const AccountId& account);
  Result<EntryId> rename(const LogId& log, const std::string& title);
  Result<EntryId> leave(const LogId& log);
  // tooLarge before anything is encrypted.
  Result<Written> send(const LogId& log, const std::string& text);

  // ---- Files. A message names one only when the server has all of it.

  // What send() would answer at once: a file is brought to the server for nobody.
  Result<void> mayWrite(const LogId& log);
  // What the file of this path was sealed as for this conversation, if no message names it yet.
  Result<std::optional<store::Upload>> upload(const LogId& log, const std::string& path);
  // In place of an earlier one.
  Result<void> keepUpload(const store::Upload& upload);
  Result<void> dropUpload(const LogId& log, const std::string& path);
  // The message that names what the upload has brought to the server; the upload is over with it. noSuchFile: there is
  // none.
  Result<Written> sendFile(const LogId& log, const std::string& path, const std::string& name);
  // The file that a message brings. noSuchFile.
  Result<wire::File> file(const LogId& log, const EntryId& message);
  // The same, if this account has sent it. noSuchFile.
  Result<wire::File> ownFile(const LogId& log, const EntryId& message);
  // The server has the file of this own message no longer.
  Result<void> noteDropped(const LogId& log, const EntryId& message);

  // ---- Delivery
  Result<uint64_t> indexChange();
  Result<Outcome> noteIndex(uint64_t change, const std::vector<IndexEntry>& entries);
  // Every log worth following.
  Result<std::vector<Place>> places();
  // A page that was read or pushed. What lies before the own place is skipped, so it may come again. Pages with a gap
  // before them change nothing and raise an alarm. Stored whole in one transaction: an error means that nothing of it
  // was.
  Result<Outcome> receive(const Page& page);
  // Logs.read answered `pruned` with this encoded wire::SignedHead.
  Result<Outcome> receivePruned(const LogId& log, ByteView signedHead);

  // ---- After the server was restored: what it lacks is given back before anything else (design.md §3 "Restores").
  // Logs of which it may lack something.
  Result<std::vector<LogId>> unconfirmed();
  // What Logs.refill of the log takes next. `serverAt`: wire::SignedHead of where it has answered that the log ends;
  // empty at first.
  Result<Refill> refill(const LogId& log, ByteView serverAt);
  // The last entry that this device has read and the server, being at this wire::SignedHead, has.
  Result<uint64_t> bothReach(const LogId& log, ByteView serverAt);
  // Whether this device has been at the place of this wire::SignedHead; nothing if it remembers no head so far back.
  Result<std::optional<bool>> wasAt(const LogId& log, ByteView signedHead);
  // The server has what this device has.
  Result<void> confirm(const LogId& log);
  // The log lacks what this device has, and goes on from the wire::SignedHead: the newest place at which both have
  // been, so that nothing the server does have is skipped, or where the server is if there is none. An alarm; the group
  // is of use still if no commit is among what is lost.
  Result<Outcome> noteLost(const LogId& log, ByteView goesOnFrom);

  // Logs with something to send, in the order in which it was wanted.
  Result<std::vector<LogId>> outgoingLogs();
  // The next entry for the log, if nothing undecided stands before it: encrypted, and durable before it is returned.
  // The same one until accepted(), received back, refused(), or overtaken by a commit. May settle what has become moot.
  struct NextOutgoing {
    std::optional<Outgoing> entry;
    Outcome outcome;
  };
  Result<NextOutgoing> nextOutgoing(const LogId& log);
  // The server has stored it; it is done when it is read back. A receipt that does not verify is an alarm.
  Result<Outcome> accepted(const LogId& log, const EntryId& id, ByteView receipt);
  Result<Outcome> refused(const LogId& log, const EntryId& id, Refusal refusal, const std::string& what);
  // The earliest moment at which nextOutgoing() of a log not in outgoingLogs() will have something: covering the leave
  // of another member.
  Result<std::optional<Instant>> nextDue();

  // ---- What faces show
  Result<std::vector<ConversationView>> conversations();
  Result<std::vector<MemberView>> members(const LogId& log);
  Result<std::vector<MessageView>> history(const LogId& log, uint32_t countMax);  // newest last
  Result<std::vector<MessageView>> files(const LogId& log, uint32_t countMax);    // newest last
  Result<std::vector<OwnFileView>> ownFiles(uint32_t countMax);                   // newest last
  Result<std::vector<MessageView>> unread(const LogId& log, uint32_t countMax);   // oldest first
  Result<void> markRead(const LogId& log, uint64_t seq);
  struct Counts {
    std::size_t conversations = 0;
    std::size_t queued = 0;  // outbox rows not decided
  };
  Result<Counts> counts();
  // Every row of the outbox that is not decided, so that flush() knows what to wait for.
  Result<std::vector<Settled>> queued();

 private:
  struct Inside;
  explicit Core(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace qpq::client::core
