#pragma once

#include <kj/time.h>

#include <cstddef>
#include <cstdint>

// What happens in a server, told in the domain's words to whoever counts. Never a name, an id or an address.
namespace qpq::server {

enum class FlushEnd : uint8_t { durable, failed };
enum class AppendEnd : uint8_t {
  stored,       // also a repetition of what is stored
  conflict,     // the sender had not read on
  refused,      // for what it is: no rights, malformed, too large, an unknown device, a log that is gone
  limited,      // for its rate or quota
  unavailable,  // the store is in trouble or overloaded
};
enum class LoginEnd : uint8_t {
  proven,
  denied,
  abandoned,  // after the challenge: a client sees by itself that a password is wrong
  limited,
  malformed,
};
enum class BulkWay : uint8_t { in, out };
enum class ResumeEnd : uint8_t { resumed, denied, revoked };

// Implementations are called on every loop and by the writer, return at once and throw nothing.
class Observer {
 public:
  virtual ~Observer() noexcept(false) = default;

  // Since the flush was handed to the disk.
  virtual void flushed(std::size_t /*operations*/, kj::Duration, FlushEnd) {}
  // Since the call; `bytes` of envelope and Welcome.
  virtual void appended(AppendEnd, std::size_t /*bytes*/, kj::Duration) {}
  virtual void pageRead() {}
  virtual void followBegun() {}
  virtual void pushed(std::size_t /*entries*/) {}
  // Since a page was sent to its follower, until the follower said that it has it. Of most pages it does not.
  virtual void pushAnswered(kj::Duration) {}
  virtual void packagesPublished(std::size_t /*count*/) {}
  // Since the client's first datagram.
  virtual void handshaken(kj::Duration) {}
  // Since the first call of the login. Most of it is the client's stretching of the password.
  virtual void loginEnded(LoginEnd, kj::Duration) {}
  virtual void resumeEnded(ResumeEnd) {}
  virtual void registered() {}
  // On streams of their own.
  virtual void bulkMoved(BulkWay, std::size_t /*bytes*/) {}
  virtual void fileStored() {}
  // Somebody holds as much in files as an account may.
  virtual void quotaRefused() {}
  // Somebody was told to come back later.
  virtual void limited() {}
};

// For whom nobody counts.
Observer& unobserved();

}  // namespace qpq::server
