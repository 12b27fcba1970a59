#include "server_trust.h"

#include "command/terminal/standard_input.h"

namespace qpq {

kj::Promise<bool> ServerTrustByPerson::trustNewServer(std::string address, std::string fingerprint) {
  if (answered_ == Answered::yes) return true;
  auto answer =
      command::promptLine("This profile has never met the server " + address + ".\nIts key is\n  " + fingerprint +
                          "\nCompare it with what its operator tells you. Trust it from now on? [y/N] ");
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

}  // namespace qpq
