#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/error.h"
#include "wire/logs/terms.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/people/server_info.h"
#include "wire/types.h"

#include "mls/message/key_package.h"

// Fixed values for the tests of this room. Account n has id a0+n in every byte and the key of seed 10+n (hex), device n
// the id d0+n and the key of seed 20+n, so that every encoding, hash and signature can be made again by hand.
namespace qpq::wire::sample {

template <class IdType>
IdType idOf(uint8_t byte) {
  IdType id;
  id.bytes.fill(byte);
  return id;
}
Hash hash(uint8_t byte);  // 32 times this byte

AccountId account(uint8_t n);
DeviceId device(uint8_t n);
EntryId entryId(uint8_t n);
inline const LogId kLog = idOf<LogId>(0x10);
inline const Incarnation kIncarnation = idOf<Incarnation>(0x1c);
RosterEntry entry(uint8_t account, uint8_t device);

crypto::Ed25519Key key(uint8_t seed);  // the seed is 32 times this byte
crypto::Ed25519Key accountKey(uint8_t n);
crypto::Ed25519Key deviceKey(uint8_t n);
crypto::Ed25519Key receiptKey();  // number 7 of server()

Certificate certificate(uint8_t account, uint8_t device, uint64_t listVersion = 1);
VerifiedCertificate verified(uint8_t account, uint8_t device);
// For a device of this account with a key of its own, which no other device has.
VerifiedCertificate certified(uint8_t account, const DeviceId& device, const PublicKey& deviceKey);

ListedDevice listed(uint8_t device, DeviceState state = DeviceState::active, uint64_t changedMs = 1000);
DeviceList deviceList(uint8_t account, uint64_t version, const Hash& previous, std::vector<ListedDevice> devices);
VerifiedDeviceList firstList(uint8_t account, std::vector<ListedDevice> devices);
VerifiedDeviceList nextList(const VerifiedDeviceList& before, std::vector<ListedDevice> devices);

VerifiedServerInfo server();

Terms messageTerms(uint8_t id = 1, uint64_t commitsSeen = 5);
Terms leaveTerms(const RosterEntry& leaver, uint8_t id = 2, uint64_t commitsSeen = 5);
Terms commitTerms(CommitTerms commit, uint8_t id = 3, uint64_t commitsSeen = 5);

// Of no use for MLS (short keys, no real signatures), but with every field a taker looks at.
mls::KeyPackage keyPackage(uint8_t account, uint8_t device);

// The code a result was refused with; nothing if it was not.
template <class T>
std::optional<ErrorCode> refusal(const std::expected<T, Error>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

// The one encoding of a value, typed by hand or made by another program: it encodes to it, decodes from it, and nothing
// shorter or longer decodes.
template <class T>
void checkGolden(const T& value, std::string_view hex) {
  Bytes bytes = encode(value);
  CHECK(toHex(bytes) == hex);
  CHECK(decode<T>(bytes) == value);
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode<T>(ByteView(bytes).first(size))) ++accepted;
  }
  bytes.push_back(0);
  for (int extra = 0; extra < 256; ++extra) {
    bytes.back() = static_cast<uint8_t>(extra);
    if (decode<T>(bytes)) ++accepted;
  }
  CHECK(accepted == 0);
}

}  // namespace qpq::wire::sample

template <>
struct Catch::StringMaker<std::optional<qpq::wire::ErrorCode>> {
  static std::string convert(const std::optional<qpq::wire::ErrorCode>& code) {
    return code ? std::string(qpq::wire::name(*code)) : "not refused";
  }
};
