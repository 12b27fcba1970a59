#pragma once

#include <string>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/ed25519.h"
#include "mls/message/framing.h"
#include "wire/logs/terms.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/people/vault.h"

namespace qpq::bench {

// An account with one device: what somebody must hold to be let in.
struct Identity {
  static Identity random(std::string name, Random& random);
  Identity clone() const { return {name, entry, accountKey.clone(), deviceKey.clone()}; }
  std::string password() const { return "password of " + name; }

  std::string name;
  wire::RosterEntry entry;
  crypto::Ed25519Key accountKey;
  crypto::Ed25519Key deviceKey;
};

// What a server keeps of an account beside its password, as its first device makes it.
struct Papers {
  wire::Vault vault;
  wire::DeviceList list;
  wire::Certificate certificate;
};
Papers papersOf(const Identity& identity, const wire::VaultKey& passwordKey, Instant now, Random& random);

// The terms of the first commit of a log, which adds these devices.
wire::Terms foundingTerms(const LogId& log, const wire::Sorted<wire::RosterEntry>& devices, Random& random);

// An envelope that keeps every rule a server can check and seals `size` bytes of noise.
Bytes noiseEnvelope(const LogId& log, const wire::Terms& terms, std::size_t size);

}  // namespace qpq::bench
