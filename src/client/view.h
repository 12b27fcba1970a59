#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

// What a face shows: plain values, copied out of the engine. Texts are as their authors wrote them, unsafe for a
// terminal.
namespace qpq::client {

enum class Kind { direct, group, notes };  // notes: the conversation with oneself
enum class Role { member, admin, owner };

struct MemberView {
  AccountId account;
  std::string name;
  Role role;
  std::vector<DeviceId> devices;
  bool self;
};

struct ConversationView {
  LogId log;
  Kind kind;
  std::string title;  // a group's name, the other person's user name
  uint64_t unread;
  bool entered;  // false until markRead: one was added and has not looked yet
  Instant lastActivity;
  bool ended;  // left, removed, or replaced by a successor
  bool lost;   // this device can read and write nothing there until it is removed and invited again
};

// A file that a message brings.
struct FileView {
  std::string name;  // fit to be shown and to be saved under (wire/inside/file.h)
  uint64_t size;
  bool dropped = false;  // by this account: the server keeps it no longer
};

struct MessageView {
  enum class State {
    queued,     // in the outbox
    delivered,  // read back from the log in its place
    received,   // somebody else's
    failed,     // refused for good; `problem` says why
  };
  LogId log;
  EntryId id;
  AccountId author;
  std::string authorName;
  Instant sent;  // by the author's clock
  uint64_t seq;  // its place; 0 while queued
  State state;
  uint16_t type;  // wire Content type; 1 is text, 2 a file
  std::string text;
  std::optional<FileView> file{};
  std::string problem;
};

// Why something could not be read (design: typed causes). Each has a sentence in `command`.
enum class Cause {
  duplicate,
  expired,
  ownEcho,
  badCommit,
  badPath,
  missingProposal,
  forged,
  lostState,
  lostKeyPackage,
  unknownPolicy,
};

struct Whoami {
  AccountId account;
  DeviceId device;
  std::string name;
  std::string server;
  std::string serverFingerprint;
  uint64_t listVersion;
  std::size_t devices;
  std::size_t conversations;
  std::size_t queued;  // outbox rows not yet read back
  bool online;
};

// Somebody, and the name known of them when this was told; the first digits of the account id where none is.
struct Who {
  AccountId account;
  std::string name;

  bool operator==(const Who&) const = default;
};

// An own message, durable in the outbox.
struct Written {
  EntryId id;
  Instant sent;
};

struct SentFile {
  Written written;
  FileView file;
};

// A file this account has sent.
struct OwnFileView {
  MessageView message;
  // Whether it is at the server, as far as this device knows: `expired` by this device's clock, `dropped` by this
  // device.
  enum class Kept { held, dropped, expired } kept;
};

enum class FileDropped { yes, goneBefore };

// What the server keeps for this account: also what is on its way there, and what other devices have sent.
struct FileUsage {
  uint64_t files;
  uint64_t bytes;  // as they lie at the server
  uint64_t bytesMax;
};

enum class Existing { kept, replaced };  // what stands where a file is to be saved

struct SavedFile {
  std::string path;
  uint64_t size;
};

struct ServerHealth {
  std::string server;
  std::string fingerprint;  // of its identity key
  uint64_t roundTripUs;
};

// What happened, in the order it became durable here. Shown once each.
namespace event {

struct Message {
  MessageView message;
};
struct Delivered {  // an own message was read back in its place
  LogId log;
  EntryId id;
  uint64_t seq;
};
struct Joined {
  LogId log;
  Who by;
};
struct MembersChanged {
  LogId log;
  Who by;
  std::vector<Who> added;
  std::vector<Who> removed;
};
struct Renamed {
  LogId log;
  Who by;
  std::string title;
};
struct Ended {  // this device's rights ended
  LogId log;
  Who by;
  bool isOwnLeave = false;
};
struct Unreadable {
  LogId log;
  uint64_t seq;
  Cause cause;
};
struct Alarm {  // something no honest server or member does
  std::optional<LogId> log;
  std::string what;
};
struct Connection {
  bool online;
  std::string detail;
};

// A file on its way, a hundred times at most. No news of anything durable.
struct Transfer {
  enum class Way { up, down } way;
  LogId log;
  std::string name;
  uint64_t done;   // of `total`, in bytes as they lie at the server
  uint64_t total;  // done == total: it has arrived
};

}  // namespace event

using Event = std::variant<event::Message, event::Delivered, event::Joined, event::MembersChanged, event::Renamed,
                           event::Ended, event::Unreadable, event::Alarm, event::Connection, event::Transfer>;

}  // namespace qpq::client
