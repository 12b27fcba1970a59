#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/secret.h"
#include "crypto/argon2.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/people/server_info.h"
#include "wire/types.h"

// What the engine and the core tell each other about the account, its devices and its server.
namespace qpq::client::core {

// A device on its way into an account: in memory only, until keepSignIn().
struct NewDevice {
  std::string name;  // of the account's user
  Secret<32> deviceSeed;
  wire::Certificate certificate;  // names account, device and both public keys
  wire::DeviceList list;          // the one it first stands in
};

// A whole account. The seed of its key leaves this machine sealed in the vault and is forgotten here.
struct NewAccount {
  NewDevice device;
  Secret<32> accountSeed;
};

// What a registration consists of beyond the device, as it goes to the server: kept so that a retry after a crash sends
// the same bytes, which the server answers with `registered` again.
struct Registration {
  Bytes record;  // OPAQUE's
  crypto::Argon2Cost cost{};
  Bytes vault;  // encoded wire::Vault
};

// A sign-in the server may or may not have heard of.
struct PendingSignIn {
  std::string name;
  wire::Certificate certificate;
  wire::DeviceList list;
  std::optional<Registration> registration;  // else an enrolment
};

// The signed-in device.
struct Identity {
  std::string name;
  AccountId account;
  DeviceId device;
  wire::PublicKey accountKey{};
  uint64_t listVersion = 0;
  std::size_t devices = 0;  // active ones of the account
};

// What Node.resume() takes.
struct ResumeProof {
  AccountId account;
  DeviceId device;
  wire::Signature signature{};
};

// The one server of this profile.
struct ServerPin {
  std::string address;  // for people
  wire::PublicKey identity{};
  Incarnation incarnation;
};

// Somebody, as the directory answers.
struct Person {
  AccountId account;
  std::string name;
  wire::VerifiedDeviceList list;
};

// Somebody this profile has met.
struct KnownPerson {
  AccountId account;
  std::string name;
  wire::PublicKey accountKey{};                  // pinned
  std::optional<wire::VerifiedDeviceList> list;  // the newest seen
};

}  // namespace qpq::client::core
