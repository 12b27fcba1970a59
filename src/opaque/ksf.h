#pragma once

#include "base/secret.h"
#include "crypto/argon2.h"
#include "opaque/error.h"
#include "opaque/kdf.h"

namespace qpq::opaque {

// RFC 9807 §2.3 and §10.8: what makes each guess at a password dear once a server's records have leaked. It runs in the
// client only. An interface because the RFC's vectors use the identity, which this library does not contain.
class Ksf {
 public:
  virtual ~Ksf() = default;
  virtual Result<Key> stretch(const Key& oprfOutput) const = 0;
};

// The cheapest stretching a client agrees to. The server names the cost; without a floor a hostile one would name a
// small one at registration and guess the password from the record it was given.
struct Policy {
  crypto::Argon2Cost costMin = crypto::kArgon2CostMin;
};

// RFC 9807 §7: Argon2id with a salt of 16 zero bytes (the OPRF key is the salt) and 64 bytes of output.
class Argon2id final: public Ksf {
 public:
  // costRefused unless policy.costMin ≤ cost ≤ crypto::kArgon2CostMax in every parameter.
  static Result<Argon2id> make(const crypto::Argon2Cost& cost, const Policy& policy = {});

  // exhausted if there is no memory. Takes a tenth of a second and 64 MiB at the usual cost: not on an event loop.
  Result<Key> stretch(const Key& oprfOutput) const override;
  const crypto::Argon2Cost& cost() const { return cost_; }

 private:
  explicit Argon2id(const crypto::Argon2Cost& cost): cost_(cost) {}
  crypto::Argon2Cost cost_;
};

}  // namespace qpq::opaque
