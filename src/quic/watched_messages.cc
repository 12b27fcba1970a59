#include "quic/watched_messages.h"

#include <kj/debug.h>

namespace qpq::quic {

kj::Promise<void> WatchedMessages::whenWritten() {
  auto paired = kj::newPromiseAndFulfiller<void>();
  waiting_ = kj::mv(paired.fulfiller);
  return kj::mv(paired.promise);
}

kj::Promise<void> WatchedMessages::watched(kj::Promise<void> writing) {
  return writing.then([this]() { tell(); },
                      [this](kj::Exception&& exception) {
                        failed_ = true;
                        tell();
                        kj::throwFatalException(kj::mv(exception));
                      });
}

void WatchedMessages::tell() {
  KJ_IF_MAYBE (waiting, waiting_) {
    (*waiting)->fulfill();
  }
  waiting_ = nullptr;
}

}  // namespace qpq::quic
