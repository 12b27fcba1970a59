#pragma once

#include <string>

#include "client/link.h"

namespace qpq {

// Who decides about a server never seen before: --accept-new-server or --ca-cert has, else the person at the terminal,
// else nobody, and the server is refused.
class ServerTrustByPerson final: public client::ServerTrust {
 public:
  enum class Answered { yes, askPerson };
  explicit ServerTrustByPerson(Answered answered): answered_(answered) {}

  kj::Promise<bool> trustNewServer(std::string address, std::string fingerprint) override;

 private:
  Answered answered_;
};

}  // namespace qpq
