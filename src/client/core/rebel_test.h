#pragma once

#include <optional>
#include <string>

#include "client/core/scene_test.h"
#include "mls/group/group.h"
#include "mls/key_package.h"
#include "wire/inside/conversation.h"
#include "wire/logs/terms.h"

namespace qpq::client::core::scene {

// A member whose client keeps MLS and the server's rules, and not the conversation's policy: what it commits is stored
// and has its number, and no honest member may take it.
class Rebel {
 public:
  Rebel(Server& server, MovedClock& clock, const std::string& name);

  const wire::RosterEntry& self() const { return self_; }
  // By the Welcome of the entry that added it.
  void enter(const LogId& log);
  mls::LeafIndex leafOf(const wire::RosterEntry& device) const;
  wire::Conversation conversation() const;
  // Stored: as far as the server can see all is well with it.
  void commit(const LogId& log, const mls::CommitPlan& plan);

 private:
  wire::Terms termsOf(const LogId& log, const mls::CommitPlan& plan);

  Server& server_;
  test::SeededRandom random_{0x0eb1};
  crypto::Ed25519Key accountKey_;
  Secret<32> deviceSeed_;
  wire::RosterEntry self_;
  std::optional<mls::NewKeyPackage> package_;
  std::optional<mls::Group> group_;
};

}  // namespace qpq::client::core::scene
