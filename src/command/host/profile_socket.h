#pragma once

#include <kj/async-io.h>

#include <expected>
#include <string>

#include "command/host/host.h"
#include "command/host/line_stream.h"

namespace qpq::command {

// The unix socket in a profile's folder through which later processes reach its owner: JSON-RPC 2.0, one object a line,
// methods of the command table and "subscribe". Only the same user may connect.
class ProfileSocket final: private kj::TaskSet::ErrorHandler {
 public:
  // Serves `host` at FOLDER/socket, mode 0600, in place of a socket a dead owner left behind. The caller owns the
  // profile's lock. The socket goes away with this object.
  static std::expected<kj::Own<ProfileSocket>, Failure> serve(kj::LowLevelAsyncIoProvider& provider, Host& host,
                                                              const std::string& folder);
  // The owner's host, or nothing if nobody answers there.
  static kj::Promise<kj::Maybe<kj::Own<Host>>> attach(kj::LowLevelAsyncIoProvider& provider, const std::string& folder);

  ProfileSocket(kj::Own<kj::ConnectionReceiver> receiver, Host& host, std::string folder);
  ~ProfileSocket() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(ProfileSocket);

  std::size_t attached() const { return attached_; }
  // Resolves when the last attached process has left; at once if there is none.
  kj::Promise<void> whenAlone();

 private:
  kj::Promise<void> accept();
  kj::Promise<void> serveOne(kj::Own<kj::AsyncIoStream> stream);
  void taskFailed(kj::Exception&& exception) override;

  kj::Own<kj::ConnectionReceiver> receiver_;
  Host& host_;
  std::string folder_;
  std::size_t attached_ = 0;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> alone_;
  kj::TaskSet tasks_;
};

// An attached process that does not read its events is cut off at this, so that it cannot fill the owner's memory.
inline constexpr std::size_t kUnreadEventBytesMax = 16 << 20;

}  // namespace qpq::command
