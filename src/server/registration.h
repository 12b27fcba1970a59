#pragma once

#include "server/auth.h"

namespace qpq::server {

// A registration that keeps every rule its bytes can keep, ready to be stored.
class CheckedRegistration {
 public:
  static std::expected<CheckedRegistration, Malformed> check(RegistrationRequest request, const AuthPolicy& policy);

  const store::NewAccount& account() const { return account_; }

 private:
  explicit CheckedRegistration(store::NewAccount account): account_(std::move(account)) {}
  store::NewAccount account_;
};

// The record as OPAQUE means it: the right size and a real public key.
bool isRecord(const SecretBytes& record);

}  // namespace qpq::server
